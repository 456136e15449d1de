; The program's files. They are a folder of their own below the directory that the user chose:
;
;     program        qtmail.exe, qtmail-cli.exe, _internal … and files.txt, the list of them all
;     program.new    the same while it is unpacked
;     program.old    the version before, from the moment the new one is whole until its files are deleted
;
; A version is put in place by renaming two folders, so there is never half of one; what was interrupted between the two
; is put right by the next set-up. Only what is in files.txt is ever deleted, and then folders that are empty: one path
; a line, relative to the list, UTF-16LE without a mark, folders after what is in them and with "\" at their end.

!define NEW_FOLDER "${PROGRAM_FOLDER}.new"
!define OLD_FOLDER "${PROGRAM_FOLDER}.old"
!define RENAME_TRIES 20
!define RENAME_PAUSE 250 ; ms; a virus scanner keeps what was just written open for some seconds

!macro FunctionsOfTree un
; Delete what files.txt in the folder $0 says, the list, and the folder if nothing else is in it.
Function ${un}RemoveListed
  ClearErrors
  FileOpen $1 "$0\files.txt" r
  ${If} ${Errors}
    Return
  ${EndIf}
  ${Do}
    FileReadUTF16LE $1 $2
    ${If} ${Errors}
      ${ExitDo}
    ${EndIf}
    StrCpy $2 $2 -1 ; the end of the line
    StrCpy $3 $2 1 -1
    ${If} $3 == "\"
      RMDir "$0\$2"
    ${Else}
      Delete "$0\$2"
    ${EndIf}
    ClearErrors
  ${Loop}
  FileClose $1
  Delete "$0\files.txt"
  RMDir "$0"
FunctionEnd

; Rename the folder $0 to $1, trying for five seconds; the error flag says that it stayed.
Function ${un}MoveFolder
  ${For} $2 1 ${RENAME_TRIES}
    ClearErrors
    Rename $0 $1
    ${IfNot} ${Errors}
      Return
    ${EndIf}
    Sleep ${RENAME_PAUSE}
  ${Next}
  SetErrors
FunctionEnd

; Return when nobody runs the program any more, or leave. A program that runs cannot be opened for writing.
Function ${un}WaitUntilClosed
  try_again:
  ${IfNot} ${FileExists} "${PROGRAM}"
    Return
  ${EndIf}
  ClearErrors
  FileOpen $0 "${PROGRAM}" a
  ${IfNot} ${Errors}
    FileClose $0
    FileOpen $0 "${PROGRAM_FOLDER}\qtmail-cli.exe" a
    ${IfNot} ${Errors}
      FileClose $0
      Return
    ${EndIf}
  ${EndIf}
  MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(RUNNING)" /SD IDCANCEL IDRETRY try_again
  SetErrorLevel ${ERROR_SHARING_VIOLATION}
  Abort
FunctionEnd

; The program's folder out of the way, whole; only a program that runs holds it.
Function ${un}SetAside
  try_again:
  StrCpy $0 "${PROGRAM_FOLDER}"
  StrCpy $1 "${OLD_FOLDER}"
  Call ${un}MoveFolder
  ${If} ${Errors}
    MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(RUNNING)" /SD IDCANCEL IDRETRY try_again
    SetErrorLevel ${ERROR_SHARING_VIOLATION}
    Abort
  ${EndIf}
FunctionEnd

; Delete the version that was set aside. What others put into its folder stays, under a name that nobody else needs.
Function ${un}DropOld
  StrCpy $0 "${OLD_FOLDER}"
  Call ${un}RemoveListed
  ${IfNot} ${FileExists} "${OLD_FOLDER}\*.*"
    Return
  ${EndIf}
  StrCpy $1 1
  ${DoWhile} ${FileExists} "$INSTDIR\kept-$1\*.*"
    IntOp $1 $1 + 1
  ${Loop}
  Rename "${OLD_FOLDER}" "$INSTDIR\kept-$1"
FunctionEnd

; What an interrupted set-up left: a version that was set aside and has no successor is the one that counts.
Function ${un}Recover
  ${If} ${FileExists} "${OLD_FOLDER}\*.*"
    ${If} ${FileExists} "${PROGRAM}"
      Call ${un}DropOld
    ${Else}
      Rename "${OLD_FOLDER}" "${PROGRAM_FOLDER}"
    ${EndIf}
  ${EndIf}
  StrCpy $0 "${NEW_FOLDER}"
  Call ${un}RemoveListed
FunctionEnd
!macroend

!insertmacro FunctionsOfTree ""
!insertmacro FunctionsOfTree "un."

Function PutInPlace
  Call RequireOwnFolder
  Call Recover
  Call WaitUntilClosed
  Call Unpack
  ${If} ${FileExists} "${PROGRAM_FOLDER}\*.*"
    Call SetAside
  ${EndIf}
  StrCpy $0 "${NEW_FOLDER}"
  StrCpy $1 "${PROGRAM_FOLDER}"
  Call MoveFolder
  ${If} ${Errors}
    Rename "${OLD_FOLDER}" "${PROGRAM_FOLDER}"
    SetErrorLevel ${FAILED}
    MessageBox MB_OK|MB_ICONSTOP "$(NOT_PUT_IN_PLACE)" /SD IDOK
    Abort
  ${EndIf}
  Call DropOld
FunctionEnd

; A folder of that name that is not ours, because somebody installs into a directory full of other things, is left alone.
Function RequireOwnFolder
  ${If} ${FileExists} "${PROGRAM_FOLDER}\*.*"
  ${AndIfNot} ${FileExists} "${PROGRAM_FOLDER}\files.txt"
    SetErrorLevel ${FAILED}
    MessageBox MB_OK|MB_ICONSTOP "$(FOLDER_OF_OTHERS)" /SD IDOK
    Abort
  ${EndIf}
FunctionEnd

; If this fails, .onInstFailed follows.
Function Unpack
  SetDetailsPrint textonly
  SetOutPath "${NEW_FOLDER}"
  File "/oname=files.txt" "${FILES}"
  File "/oname=LICENSE.txt" "${LICENCE}"
  File /r "${TREE}\*"
  SetDetailsPrint both
  SetOutPath "$INSTDIR" ; a folder that somebody is in cannot be renamed
FunctionEnd

Function DropUnfinished
  SetOutPath "$TEMP"
  StrCpy $0 "${NEW_FOLDER}"
  Call RemoveListed
  RMDir "$INSTDIR"
FunctionEnd

Function un.TakeAway
  SetOutPath "$TEMP"
  Call un.Recover
  Call un.WaitUntilClosed
  ${If} ${FileExists} "${PROGRAM_FOLDER}\*.*"
    Call un.SetAside
    Call un.DropOld
  ${EndIf}
FunctionEnd
