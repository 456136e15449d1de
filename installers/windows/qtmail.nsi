; The set-up of qtmail for Windows: for one user, or for all who use the computer.
;
; setup_exe.py calls makensis with these defined:
;   TARGET    the kind of set-up program: amd64-unicode where makensis can, else x86-unicode
;   VERSION   0.1.0                      NUMBERS   0.1.0.0
;   TREE      the frozen program         FILES     the list of what is in it, see tree.nsh
;   SIZE      of the tree in KiB         OUTPUT    the set-up program
;   ICON      qtmail.ico                 PICTURE   beside the last page, a BMP of 164 x 314 pixels
;   APP_ID    what ties windows, shortcuts and notices together
;   PUBLISHER, SUMMARY, HOMEPAGE         LICENCE   its file
;   SIGN      what signs the program that is named after it; may be missing
;
; On the command line of the set-up:
;   /S         without a word                    /CurrentUser, /AllUsers   for whom
;   /Desktop   with an icon on the desktop       /D=DIRECTORY              where to; comes last, without quotes
; An earlier installation is replaced where it is, whatever /D says. Exit status: 0 done, 1 the user stopped it, 2 a
; file could not be written, or one of Windows' own numbers: 32 qtmail is running, 740 an administrator has to do
; it (asked for only without /S), 1150 this Windows is too old, 1618 another set-up of qtmail is running.

Unicode true
Target ${TARGET}
; Each file by itself: /SOLID would first unpack everything into one temporary file.
SetCompressor lzma
SetCompressorDictSize 32

!include MUI2.nsh
!include LogicLib.nsh
!include FileFunc.nsh
!include WinVer.nsh
!include x64.nsh

!define NAME "qtmail"
!define PROGRAM_FOLDER "$INSTDIR\program"
!define PROGRAM "${PROGRAM_FOLDER}\qtmail.exe"
!define UNINSTALLER "$INSTDIR\uninstall.exe"
!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\${NAME}"
!define OLDEST_BUILD 17763 ; Windows 10 1809, the oldest that Qt 6 runs on
!define OLDEST_ARM_BUILD 22000 ; Windows 11, the oldest that runs 64-bit programs of Intel on ARM

!define ERROR_SHARING_VIOLATION 32
!define ERROR_ELEVATION_REQUIRED 740
!define ERROR_OLD_WIN_VERSION 1150
!define ERROR_INSTALL_ALREADY_RUNNING 1618
!define FAILED 2

Name "${NAME}"
OutFile "${OUTPUT}"
BrandingText "${NAME} ${VERSION}"
; Its last word is what the folder page appends to a folder that is chosen there.
InstallDir "$LOCALAPPDATA\Programs\${NAME}"
; Who installs for himself alone is never asked for an administrator: elevation.nsh asks when it is needed.
RequestExecutionLevel user
ManifestDPIAware true
ManifestLongPathAware true
ManifestSupportedOS Win10
ShowInstDetails nevershow
ShowUninstDetails nevershow
AllowSkipFiles off

VIProductVersion "${NUMBERS}"
!macro Describe language
  VIAddVersionKey /LANG=${language} "ProductName" "${NAME}"
  VIAddVersionKey /LANG=${language} "ProductVersion" "${VERSION}"
  VIAddVersionKey /LANG=${language} "FileVersion" "${VERSION}"
  VIAddVersionKey /LANG=${language} "FileDescription" "${NAME} ${VERSION}"
  VIAddVersionKey /LANG=${language} "CompanyName" "${PUBLISHER}"
  VIAddVersionKey /LANG=${language} "LegalCopyright" "${PUBLISHER}"
!macroend

!ifdef SIGN
  !uninstfinalize `${SIGN} "%1"` = 0
  !finalize `${SIGN} "%1"` = 0
!endif

Var forAll        ; 1: for all users, 0: for one
Var administrator ; 1: this process may write what belongs to all
Var handedOver    ; 1: this process does the work of an unelevated one, which shows the pages
Var wantsDesktop  ; 1: an icon on the desktop
Var given         ; the directory of /D, or nothing
Var earlier       ; the version that is there, or nothing
Var explanation   ; what the folder page says

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_WELCOMEFINISHPAGE_BITMAP "${PICTURE}"
!define MUI_ABORTWARNING
!define MUI_CUSTOMFUNCTION_GUIINIT RaiseWindow
!define MUI_FINISHPAGE_TITLE "$(FINISH_TITLE)"
!define MUI_FINISHPAGE_TEXT "$(FINISH_TEXT)"
!define MUI_FINISHPAGE_RUN
!define MUI_FINISHPAGE_RUN_TEXT "$(FINISH_RUN)"
!define MUI_FINISHPAGE_RUN_FUNCTION StartProgram
!define MUI_UNCONFIRMPAGE_TEXT_TOP "$(UNINSTALL_KEEPS_MAIL)"

Page custom ShowChoices LeaveChoices
!define MUI_DIRECTORYPAGE_TEXT_TOP $explanation
!define MUI_PAGE_CUSTOMFUNCTION_PRE PrepareDirectoryPage
!define MUI_PAGE_CUSTOMFUNCTION_SHOW ShowDirectoryPage
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!define MUI_PAGE_CUSTOMFUNCTION_PRE SkipIfHandedOver
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE English
!insertmacro MUI_LANGUAGE SimpChinese
!insertmacro Describe ${LANG_ENGLISH}
!insertmacro Describe ${LANG_SIMPCHINESE}

; What is needed both here and in the uninstaller, whose functions' names begin with "un."
!macro Refuse code text
  SetErrorLevel ${code}
  MessageBox MB_OK|MB_ICONSTOP "${text}" /SD IDOK
  Quit
!macroend

!include texts.nsh
!include elevation.nsh
!include tree.nsh
!include registration.nsh
!include choices.nsh

Function .onInit
  SetRegView 64
  Call RequireWindows
  Call ReadCommandLine
  ${If} $handedOver = 0
    Call RequireToBeAlone
  ${EndIf}
  Call FollowChoice
  ${If} $forAll = 1
  ${AndIf} ${Silent}
  ${AndIf} $administrator = 0
    !insertmacro Refuse ${ERROR_ELEVATION_REQUIRED} "$(NEEDS_ADMINISTRATOR)"
  ${EndIf}
FunctionEnd

Function RequireWindows
  StrCpy $0 ${OLDEST_BUILD}
  ${If} ${IsNativeARM64}
    StrCpy $0 ${OLDEST_ARM_BUILD}
  ${EndIf}
  ${IfNot} ${AtLeastBuild} $0
  ${OrIfNot} ${RunningX64}
    !insertmacro Refuse ${ERROR_OLD_WIN_VERSION} "$(OLD_WINDOWS)"
  ${EndIf}
FunctionEnd

; The mutex goes with the process.
Function RequireToBeAlone
  System::Call 'kernel32::CreateMutexW(p 0, i 0, w "Local\qtmail-setup") p .r0 ? e'
  Pop $0
  ${If} $0 = 183 ; ERROR_ALREADY_EXISTS
    !insertmacro Refuse ${ERROR_INSTALL_ALREADY_RUNNING} "$(ALREADY_RUNNING)"
  ${EndIf}
FunctionEnd

Section
  AddSize ${SIZE} ; makensis counts only files that are named right here
  ${If} $forAll = 1
  ${AndIf} $administrator = 0
    Call InstallAsAdministrator
  ${Else}
    Call Install
  ${EndIf}
SectionEnd

Function Install
  Call PutInPlace
  WriteUninstaller "${UNINSTALLER}"
  Call Register
FunctionEnd

Function .onInstFailed
  Call DropUnfinished
FunctionEnd

; Through the desktop's own process: qtmail belongs to the user, even if the set-up was started by an administrator.
Function StartProgram
  Exec '"$WINDIR\explorer.exe" "${PROGRAM}"'
FunctionEnd

Function un.onInit
  SetRegView 64
  Call un.FindOutForWhom
  ${If} $forAll = 1
  ${AndIf} $administrator = 0
    Call un.StartAgainAsAdministrator
  ${EndIf}
FunctionEnd

Section Uninstall
  Call un.TakeAway
  Call un.Unregister
  Delete "${UNINSTALLER}"
  SetOutPath "$TEMP" ; a folder that somebody is in cannot be removed
  RMDir "$INSTDIR"
SectionEnd
