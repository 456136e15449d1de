; What Windows is told of qtmail: the list of installed programs, how it is started, and that it reads and writes mail.
; Everything is below SHCTX: HKEY_CURRENT_USER or, if it is for all users, HKEY_LOCAL_MACHINE. qtmail becomes one of the
; choices for mailto: links and message files; which one is taken the user says in Windows' own settings.

!include Integration.nsh
!include Win\COM.nsh
!include Win\Propkey.nsh

!define CLASSES "Software\Classes"
!define MAILTO_CLASS "qtmail.mailto.1"
!define MESSAGE_CLASS "qtmail.eml.1"
!define CLIENT_KEY "Software\Clients\Mail\${NAME}"
!define APP_PATHS "Software\Microsoft\Windows\CurrentVersion\App Paths"
!define RUN_KEY "Software\Microsoft\Windows\CurrentVersion\Run"
; where the Task Manager notes what was turned off there
!define RUN_SWITCHES_KEY "Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
!define SHORTCUT "$SMPROGRAMS\${NAME}.lnk"
!define DESKTOP_SHORTCUT "$DESKTOP\${NAME}.lnk"

Function Register
  Call RegisterProgram
  Call RegisterClasses
  Call RegisterMailClient
  Call MakeShortcuts
  ${NotifyShell_AssocChanged}
FunctionEnd

; These are shared with other programs.
!macro DropEmptyKey key
  DeleteRegKey /ifnosubkeys /ifnovalues SHCTX "${key}"
!macroend

Function un.Unregister
  DeleteRegKey SHCTX "${UNINSTALL_KEY}"
  DeleteRegKey SHCTX "${APP_PATHS}\qtmail.exe"
  DeleteRegKey SHCTX "${APP_PATHS}\qtmail-cli.exe"
  DeleteRegKey SHCTX "${CLASSES}\${MAILTO_CLASS}"
  DeleteRegKey SHCTX "${CLASSES}\${MESSAGE_CLASS}"
  DeleteRegValue SHCTX "${CLASSES}\.eml\OpenWithProgids" "${MESSAGE_CLASS}"
  DeleteRegValue SHCTX "Software\RegisteredApplications" "${NAME}"
  DeleteRegKey SHCTX "${CLIENT_KEY}"
  !insertmacro DropEmptyKey "${CLASSES}\.eml\OpenWithProgids"
  !insertmacro DropEmptyKey "${CLASSES}\.eml"
  !insertmacro DropEmptyKey "${APP_PATHS}"
  !insertmacro DropEmptyKey "Software\Clients\Mail"
  !insertmacro DropEmptyKey "Software\Clients"
  !insertmacro DropEmptyKey "Software\RegisteredApplications"
  Call un.ForgetStartAtSignIn
  Delete "${SHORTCUT}"
  Delete "${DESKTOP_SHORTCUT}"
  ${NotifyShell_AssocChanged}
FunctionEnd

; The list of installed programs, and starting it by its name.
Function RegisterProgram
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "DisplayName" "${NAME}"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "DisplayIcon" "${PROGRAM}"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "Publisher" "${PUBLISHER}"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "Comments" "${SUMMARY}"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "URLInfoAbout" "${HOMEPAGE}"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "UninstallString" '"${UNINSTALLER}"'
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "QuietUninstallString" '"${UNINSTALLER}" /S'
  WriteRegDWORD SHCTX "${UNINSTALL_KEY}" "EstimatedSize" ${SIZE}
  WriteRegDWORD SHCTX "${UNINSTALL_KEY}" "NoModify" 1
  WriteRegDWORD SHCTX "${UNINSTALL_KEY}" "NoRepair" 1
  WriteRegStr SHCTX "${APP_PATHS}\qtmail.exe" "" "${PROGRAM}"
  WriteRegStr SHCTX "${APP_PATHS}\qtmail-cli.exe" "" "${PROGRAM_FOLDER}\qtmail-cli.exe"
FunctionEnd

; How mailto: links and message files are opened. Windows puts a link where %1 is and leaves quotes in it as they are,
; so that a link can hold further words; after "--" none of them is an option.
!macro RegisterClass class label
  WriteRegStr SHCTX "${CLASSES}\${class}" "" "${label}"
  WriteRegStr SHCTX "${CLASSES}\${class}\Application" "ApplicationName" "${NAME}"
  WriteRegStr SHCTX "${CLASSES}\${class}\Application" "AppUserModelID" "${APP_ID}"
  WriteRegStr SHCTX "${CLASSES}\${class}\DefaultIcon" "" "${PROGRAM},0"
  WriteRegStr SHCTX "${CLASSES}\${class}\shell\open\command" "" '"${PROGRAM}" -- "%1"'
!macroend

Function RegisterClasses
  !insertmacro RegisterClass ${MAILTO_CLASS} "URL:$(MAILTO_LINK)"
  WriteRegStr SHCTX "${CLASSES}\${MAILTO_CLASS}" "URL Protocol" ""
  !insertmacro RegisterClass ${MESSAGE_CLASS} "$(MESSAGE_FILE)"
  WriteRegNone SHCTX "${CLASSES}\.eml\OpenWithProgids" "${MESSAGE_CLASS}"
FunctionEnd

; A mail program with these capabilities, as Windows' "Default apps" lists it.
Function RegisterMailClient
  WriteRegStr SHCTX "${CLIENT_KEY}" "" "${NAME}"
  WriteRegStr SHCTX "${CLIENT_KEY}\DefaultIcon" "" "${PROGRAM},0"
  WriteRegStr SHCTX "${CLIENT_KEY}\shell\open\command" "" '"${PROGRAM}"'
  WriteRegStr SHCTX "${CLIENT_KEY}\Capabilities" "ApplicationName" "${NAME}"
  WriteRegStr SHCTX "${CLIENT_KEY}\Capabilities" "ApplicationDescription" "$(DESCRIPTION)"
  WriteRegStr SHCTX "${CLIENT_KEY}\Capabilities" "ApplicationIcon" "${PROGRAM},0"
  WriteRegStr SHCTX "${CLIENT_KEY}\Capabilities\Startmenu" "Mail" "${NAME}"
  WriteRegStr SHCTX "${CLIENT_KEY}\Capabilities\URLAssociations" "mailto" "${MAILTO_CLASS}"
  WriteRegStr SHCTX "${CLIENT_KEY}\Capabilities\FileAssociations" ".eml" "${MESSAGE_CLASS}"
  WriteRegStr SHCTX "Software\RegisteredApplications" "${NAME}" "${CLIENT_KEY}\Capabilities"
FunctionEnd

; An icon on the desktop stays what it is when qtmail is replaced.
Function MakeShortcuts
  CreateShortcut /NoWorkingDir "${SHORTCUT}" "${PROGRAM}" "" "" "" "" "" "$(DESCRIPTION)"
  StrCpy $0 "${SHORTCUT}"
  Call NameShortcut
  ${If} $wantsDesktop = 1
    CreateShortcut /NoWorkingDir "${DESKTOP_SHORTCUT}" "${PROGRAM}" "" "" "" "" "" "$(DESCRIPTION)"
    StrCpy $0 "${DESKTOP_SHORTCUT}"
    Call NameShortcut
  ${EndIf}
FunctionEnd

; Write APP_ID into the shortcut $0: Windows then knows which window was started from it, and whose notices are shown.
Function NameShortcut
  !insertmacro ComHlpr_CreateInProcInstance ${CLSID_ShellLink} ${IID_IShellLink} r1 ""
  ${If} $1 P= 0
    Return
  ${EndIf}
  ${IUnknown::QueryInterface} $1 '("${IID_IPersistFile}", .r2)'
  ${IPersistFile::Load} $2 '(r0, ${STGM_READWRITE})'
  ${IUnknown::QueryInterface} $1 '("${IID_IPropertyStore}", .r3)'
  ${If} $3 P<> 0
    System::Call '*${SYSSTRUCT_PROPERTYKEY}(${PKEY_AppUserModel_ID}) p .r4'
    System::Call '*(&w64 "${APP_ID}") p .r5'
    System::Call '*${SYSSTRUCT_PROPVARIANT}(${VT_LPWSTR},, r5) p .r6'
    ${IPropertyStore::SetValue} $3 '(r4, r6)'
    ${IPropertyStore::Commit} $3 ""
    System::Free $4
    System::Free $5
    System::Free $6
    ${IUnknown::Release} $3 ""
    ${IPersistFile::Save} $2 '(r0, 1)'
  ${EndIf}
  ${IUnknown::Release} $2 ""
  ${IUnknown::Release} $1 ""
FunctionEnd

Function un.FindOutForWhom
  Call un.LookWhoAsks
  StrCpy $forAll 0
  SetShellVarContext current
  ReadRegStr $0 HKLM "${UNINSTALL_KEY}" "InstallLocation"
  ${If} $0 == $INSTDIR
    StrCpy $forAll 1
    SetShellVarContext all
  ${EndIf}
FunctionEnd

; qtmail itself may have arranged to be started at sign-in.
Function un.ForgetStartAtSignIn
  ReadRegStr $0 HKCU "${RUN_KEY}" "${NAME}"
  StrCpy $1 '"${PROGRAM}"'
  StrLen $2 $1
  StrCpy $0 $0 $2
  ${If} $0 == $1
    DeleteRegValue HKCU "${RUN_KEY}" "${NAME}"
    DeleteRegValue HKCU "${RUN_SWITCHES_KEY}" "${NAME}"
  ${EndIf}
FunctionEnd
