; For whom, where to, and whether with an icon on the desktop: from the command line, the first page, or what an earlier
; installation chose.

!include nsDialogs.nsh

Var choiceOne
Var choiceAll
Var choiceDesktop

!macro ReadSwitch switch result
  ClearErrors
  ${GetOptions} $0 "${switch}" $2
  StrCpy ${result} 1
  ${If} ${Errors}
    StrCpy ${result} 0
  ${EndIf}
!macroend

Function ReadCommandLine
  Call LookWhoAsks
  StrCpy $given ""
  ; NSIS reads /D before anything here runs, and leaves the directory alone if there is none.
  ${If} $INSTDIR != "$LOCALAPPDATA\Programs\${NAME}"
    StrCpy $given $INSTDIR
  ${EndIf}
  ${GetParameters} $0
  !insertmacro ReadSwitch "/HandedOver" $handedOver
  !insertmacro ReadSwitch "/Desktop" $wantsDesktop
  !insertmacro ReadSwitch "/AllUsers" $forAll
  !insertmacro ReadSwitch "/CurrentUser" $1
  ${If} $forAll = 0
  ${AndIf} $1 = 0
    Call ChooseAsBefore
  ${EndIf}
FunctionEnd

; Without a word from the user an installation for all stays one, unless the user has one of his own.
Function ChooseAsBefore
  ReadRegStr $0 HKCU "${UNINSTALL_KEY}" "DisplayVersion"
  ReadRegStr $1 HKLM "${UNINSTALL_KEY}" "DisplayVersion"
  ${If} $0 == ""
  ${AndIf} $1 != ""
    StrCpy $forAll 1
  ${EndIf}
FunctionEnd

; $forAll -> where everything goes ($INSTDIR, SHCTX, $SMPROGRAMS), and $earlier
Function FollowChoice
  SetShellVarContext current
  StrCpy $INSTDIR "$LOCALAPPDATA\Programs\${NAME}"
  ${If} $forAll = 1
    SetShellVarContext all
    StrCpy $INSTDIR "$PROGRAMFILES64\${NAME}"
  ${EndIf}
  ${If} $given != ""
    StrCpy $INSTDIR $given
  ${EndIf}
  ReadRegStr $earlier SHCTX "${UNINSTALL_KEY}" "DisplayVersion"
  ReadRegStr $0 SHCTX "${UNINSTALL_KEY}" "InstallLocation"
  ${If} $0 != ""
    StrCpy $INSTDIR $0
  ${EndIf}
FunctionEnd

Function SkipIfHandedOver
  ${If} $handedOver = 1
    Abort
  ${EndIf}
FunctionEnd

Function PrepareDirectoryPage
  Call SkipIfHandedOver
  StrCpy $explanation "$(INTO_THIS_FOLDER)"
  ${If} $earlier != ""
    StrCpy $explanation "$(REPLACES_EARLIER)"
  ${EndIf}
FunctionEnd

; An earlier version is replaced where it is. The button that needs an administrator bears Windows' shield.
Function ShowDirectoryPage
  ${If} $earlier != ""
    EnableWindow $mui.DirectoryPage.Directory 0
    EnableWindow $mui.DirectoryPage.BrowseButton 0
  ${EndIf}
  StrCpy $0 0
  ${If} $forAll = 1
  ${AndIf} $administrator = 0
    StrCpy $0 1
  ${EndIf}
  SendMessage $mui.Button.Next ${BCM_SETSHIELD} 0 $0
FunctionEnd

Function ShowChoices
  Call SkipIfHandedOver
  !insertmacro MUI_HEADER_TEXT "$(CHOICES_TITLE)" "$(CHOICES_SUBTITLE)"
  nsDialogs::Create 1018
  Pop $0
  ${NSD_CreateRadioButton} 0 8u 100% 12u "$(FOR_ONE)"
  Pop $choiceOne
  ${NSD_CreateRadioButton} 0 24u 100% 12u "$(FOR_ALL)"
  Pop $choiceAll
  ${NSD_CreateLabel} 12u 38u -12u 20u "$(FOR_ALL_NOTE)"
  Pop $0
  ${NSD_CreateCheckBox} 0 66u 100% 12u "$(DESKTOP_ICON)"
  Pop $choiceDesktop
  ${NSD_CreateLabel} 0 94u 100% 40u "$(DEFAULTS_NOTE)"
  Pop $0
  ${NSD_SetState} $choiceDesktop $wantsDesktop
  ${If} $forAll = 1
    ${NSD_Check} $choiceAll
  ${Else}
    ${NSD_Check} $choiceOne
  ${EndIf}
  nsDialogs::Show
FunctionEnd

Function LeaveChoices
  ${NSD_GetState} $choiceAll $forAll
  ${NSD_GetState} $choiceDesktop $wantsDesktop
  Call FollowChoice
FunctionEnd

; Windows opens the window of a second, elevated process behind others.
Function RaiseWindow
  BringToFront
FunctionEnd
