; What the set-up says of its own; the rest comes with NSIS.

!macro Text name english chinese
  LangString ${name} ${LANG_ENGLISH} "${english}"
  LangString ${name} ${LANG_SIMPCHINESE} "${chinese}"
!macroend

!insertmacro Text DESCRIPTION "Read and write mail" "收发电子邮件"
!insertmacro Text MAILTO_LINK "Mail address" "邮件地址链接"
!insertmacro Text MESSAGE_FILE "Mail message" "电子邮件"

!insertmacro Text CHOICES_TITLE "For whom" "为谁安装"
!insertmacro Text CHOICES_SUBTITLE "Choose who can use qtmail on this computer." "选择谁可以在这台电脑上使用 qtmail。"
!insertmacro Text FOR_ONE "Only for &me" "仅为我安装(&M)"
!insertmacro Text FOR_ALL "For &everyone who uses this computer" "为这台电脑的所有用户安装(&E)"
!insertmacro Text FOR_ALL_NOTE "Windows will ask for an administrator. Each user's mail stays separate." "Windows 会请求管理员许可。每个用户的邮件仍各自独立。"
!insertmacro Text DESKTOP_ICON "Put an &icon on the desktop" "在桌面上放置图标(&I)"
!insertmacro Text DEFAULTS_NOTE "Mail links keep opening in the program that opens them now. To change that, look for qtmail under Default apps in the settings of Windows." "邮件链接仍由现在的程序打开。要更改，请在 Windows 设置的“默认应用”中选择 qtmail。"

!insertmacro Text INTO_THIS_FOLDER "qtmail is installed into this folder." "qtmail 将安装到此文件夹。"
!insertmacro Text REPLACES_EARLIER "qtmail $earlier is in this folder and will be replaced by version ${VERSION}. Your accounts and mail are kept." "此文件夹中的 qtmail $earlier 将被 ${VERSION} 版替换。您的帐户和邮件会保留。"

!insertmacro Text FINISH_TITLE "qtmail is installed" "qtmail 已安装"
!insertmacro Text FINISH_TEXT "You find it in the Start menu." "您可以在“开始”菜单中找到它。"
!insertmacro Text FINISH_RUN "&Start qtmail now" "立即启动 qtmail(&S)"
!insertmacro Text UNINSTALL_KEEPS_MAIL "qtmail will be removed from this computer. Your accounts and mail are kept." "将从这台电脑中删除 qtmail。您的帐户和邮件会保留。"

!insertmacro Text OLD_WINDOWS "qtmail needs the 64-bit edition of Windows 10, version 1809, or later; on ARM processors Windows 11. Nothing was changed." "qtmail 需要 64 位 Windows 10 1809 或更高版本（ARM 处理器需要 Windows 11）。未作任何更改。"
!insertmacro Text ALREADY_RUNNING "Another set-up of qtmail is still open. Finish or close it first." "另一个 qtmail 安装程序仍在运行。请先完成或关闭它。"
!insertmacro Text NEEDS_ADMINISTRATOR "Only an administrator can do this for all users, and Windows did not give that permission. Nothing was changed." "只有管理员才能为所有用户执行此操作，而 Windows 未授予许可。未作任何更改。"
!insertmacro Text RUNNING "qtmail is running. Close it, in the notification area too, then choose Retry." "qtmail 正在运行。请关闭它（包括通知区域中的图标），然后点“重试”。"
!insertmacro Text NOT_PUT_IN_PLACE "The new files could not be put in place; another program, maybe a virus scanner, holds them. The version that was there before is unchanged. Try again in a few minutes." "无法放置新文件，可能有其他程序（例如杀毒软件）正在占用它们。原有版本未改变。请过几分钟再试。"
!insertmacro Text FOLDER_OF_OTHERS "In the chosen folder there is already a folder “program” that does not belong to qtmail. Choose another folder. Nothing was changed." "所选文件夹中已有一个不属于 qtmail 的“program”文件夹。请选择其他文件夹。未作任何更改。"
