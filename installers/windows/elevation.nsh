; What belongs to all users can only be written by an administrator. Windows elevates whole processes: the set-up that
; shows the pages stays what it is, so that qtmail can be started from it as the user, and has a second one do the work.

!include WinMessages.nsh

!define SEE_MASK_NOCLOSEPROCESS 0x40

!macro FunctionsOfElevation un
; Is this process one of an administrator? -> $administrator
Function ${un}LookWhoAsks
  UserInfo::GetAccountType
  Pop $0
  StrCpy $administrator 0
  ${If} $0 == "Admin"
    StrCpy $administrator 1
  ${EndIf}
FunctionEnd

; Start $0 with the arguments $1 as administrator and wait for its end: its exit status in $0, or the error flag if
; it did not start, mostly because the user said no.
Function ${un}RunAsAdministrator
  ; SHELLEXECUTEINFO; with 64 bits the fields after nShow and dwHotKey begin on the next 8 bytes.
  !if ${NSIS_PTR_SIZE} > 4
    !define GAP ",i 0"
    !define GAP_OUT ",i"
    !define SIZE_OF_INFO 112
  !else
    !define GAP ""
    !define GAP_OUT ""
    !define SIZE_OF_INFO 60
  !endif
  System::Call "*(i ${SIZE_OF_INFO}, i ${SEE_MASK_NOCLOSEPROCESS}, p $HWNDPARENT, w 'runas', w r0, w r1, p 0, i ${SW_SHOWNORMAL}${GAP}, p 0, p 0, p 0, p 0, i 0${GAP}, p 0, p 0) p .r2"
  System::Call 'shell32::ShellExecuteExW(p r2) i .r3'
  ${If} $3 = 0
    System::Free $2
    SetErrors
    Return
  ${EndIf}
  System::Call "*$2(i, i, p, p, p, p, p, i${GAP_OUT}, p, p, p, p, i${GAP_OUT}, p, p .r3)"
  System::Free $2
  System::Call 'kernel32::WaitForSingleObject(p r3, i -1)'
  System::Call 'kernel32::GetExitCodeProcess(p r3, *i .r0)'
  System::Call 'kernel32::CloseHandle(p r3)'
  ClearErrors
  !undef GAP GAP_OUT SIZE_OF_INFO
FunctionEnd
!macroend

!insertmacro FunctionsOfElevation ""
!insertmacro FunctionsOfElevation "un."

Function InstallAsAdministrator
  StrCpy $0 "$EXEPATH"
  StrCpy $1 "/HandedOver /AllUsers"
  ${If} $wantsDesktop = 1
    StrCpy $1 "$1 /Desktop"
  ${EndIf}
  StrCpy $1 "$1 /D=$INSTDIR"
  HideWindow
  Call RunAsAdministrator
  BringToFront
  ${If} ${Errors}
    SetErrorLevel ${ERROR_ELEVATION_REQUIRED}
    MessageBox MB_OK|MB_ICONEXCLAMATION "$(NEEDS_ADMINISTRATOR)"
    Abort
  ${ElseIf} $0 <> 0
    SetErrorLevel $0 ; what went wrong has been said over there
    Abort
  ${EndIf}
FunctionEnd

; The uninstaller shows its pages only after that: it has nothing to start in the end.
Function un.StartAgainAsAdministrator
  ${IfNot} ${Silent}
    StrCpy $0 "${UNINSTALLER}"
    StrCpy $1 ""
    Call un.RunAsAdministrator
    ${IfNot} ${Errors}
      SetErrorLevel $0
      Quit
    ${EndIf}
  ${EndIf}
  !insertmacro Refuse ${ERROR_ELEVATION_REQUIRED} "$(NEEDS_ADMINISTRATOR)"
FunctionEnd
