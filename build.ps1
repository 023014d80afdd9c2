# EncodeFarm for PowerShell: the verbs of ./farm. On Windows it runs in WSL, for its encoders are started on Linux and macOS only.
$ErrorActionPreference = 'Stop'
if ($IsLinux -or $IsMacOS) {
    & "$PSScriptRoot/farm" @args
} else {
    $root = wsl.exe wslpath -a ($PSScriptRoot -replace '\\', '/')
    wsl.exe "$root/farm" @args
}
exit $LASTEXITCODE
