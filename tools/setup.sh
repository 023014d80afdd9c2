# Sourced by farm: finds out what this machine lacks and installs it. Where nothing is missing it starts no program.

vmaf_tool=$root/tools/node_modules/@ffprobe-installer/linux-x64/ffprobe
bucket_server=$root/tools/node_modules/s3rver/bin/s3rver.js
# Tells that the system's ffmpeg can measure; asking it takes longer than all the rest.
system_vmaf=$root/artifacts/.system-vmaf
service_policy=/usr/sbin/policy-rc.d

say() {
    printf 'farm: %s\n' "$*" >&2
}

# fail <exit code> <sentence>…
fail() {
    code=$1
    shift
    say "$@"
    exit "$code"
}

have() {
    command -v "$1" >/dev/null 2>&1
}

# set_up [--tests]
set_up() {
    for_tests=
    for argument in "$@"; do
        case $argument in
            --tests) for_tests=yes ;;
            *) fail 2 "setup knows --tests only, not $argument." ;;
        esac
    done
    set_up_dotnet
    missing=$(missing_packages)
    [ -z "$missing" ] || install_packages $missing
    vmaf_is_ready || install_vmaf
    bucket_is_ready || install_node_modules
}

# The SDK is the one thing that everybody brings along.
set_up_dotnet() {
    dotnet=$(command -v dotnet || true)
    [ -n "$dotnet" ] || dotnet=${HOME:-}/.dotnet/dotnet
    [ -x "$dotnet" ] || fail 4 "The .NET SDK 10 is missing: install it from https://dotnet.microsoft.com/download."
    home=$(dirname "$(readlink -f "$dotnet")")
    if [ -d "$home/shared" ]; then
        # A built program looks for the runtime here; it knows nothing of PATH.
        export DOTNET_ROOT="${DOTNET_ROOT:-$home}"
        set -- "$home"/sdk/10.*
        [ -d "$1" ] || fail 4 "The .NET SDK 10 is missing ($home has others): install it from https://dotnet.microsoft.com/download."
    fi
}

# The names of Debian's packages whose programs are not there.
missing_packages() {
    { [ -n "${ENCODEFARM_FFMPEG:-}" ] || have ffmpeg; } \
        && { [ -n "${ENCODEFARM_FFPROBE:-}" ] || have ffprobe; } || echo ffmpeg
    [ -n "${ENCODEFARM_MKVMERGE:-}" ] || have mkvmerge || echo mkvtoolnix
    [ -n "${ENCODEFARM_MEDIAINFO:-}" ] || have mediainfo || echo mediainfo
    ! npm_is_needed || have npm || echo nodejs npm
    [ -n "$for_tests" ] || return 0
    have rabbitmq-server || [ -x /usr/sbin/rabbitmq-server ] || echo rabbitmq-server
    have ip || [ -x /sbin/ip ] || echo iproute2
    have jq || echo jq
    set -- /usr/lib/*/faketime/libfaketime.so.1
    [ -f "$1" ] || echo libfaketime
    set -- /usr/lib/postgresql/*/bin/postgres
    have postgres || [ -x "$1" ] || echo postgresql
}

# True also where the tool of the repository does not run: then ffmpeg has the filter, or there is no score at all,
# which doctor and the profiles that need one say.
vmaf_is_ready() {
    [ -x "$vmaf_tool" ] || [ -n "${ENCODEFARM_VMAF:-}" ] || [ -f "$system_vmaf" ] || ! package_fits
}

# The S3 server is for the tests alone; where npm can't install what stands beside it, they are skipped.
bucket_is_ready() {
    [ -z "${for_tests:-}" ] || [ -f "$bucket_server" ] || ! package_fits
}

npm_is_needed() {
    ! vmaf_is_ready || ! bucket_is_ready
}

package_fits() {
    case "${OSTYPE:-$(uname -s)}-$(uname -m)" in
        Linux-x86_64 | linux*-x86_64) return 0 ;;
        *) return 1 ;;
    esac
}

install_vmaf() {
    if ffmpeg -hide_banner -filters 2>/dev/null | grep -q ' libvmaf '; then
        mkdir -p "$root/artifacts"
        : >"$system_vmaf"
        return
    fi
    install_node_modules
}

# The VMAF tool, and the S3 server where the tests are set up.
install_node_modules() {
    say "installing the packages of tools/package.json into tools/node_modules (npm ci)"
    omitted=--omit=dev
    [ -z "$for_tests" ] || omitted=
    # The one install script makes the VMAF tool executable for its owner; everybody shall run it.
    log=$(cd "$root/tools" && npm ci $omitted --ignore-scripts --no-audit --no-fund --loglevel=error 2>&1) \
        && chmod a+rx "$vmaf_tool" || fail 4 "npm ci failed in tools:
$log"
}

install_packages() {
    have apt-get || ask_for_packages "$@"
    as_root=
    if [ "$(id -u)" != 0 ]; then
        as_root=$(find_sudo) || ask_for_packages "$@"
    fi
    say "installing $* (${as_root:+$as_root }apt-get install)"
    hold_services
    # Lists may be missing on a fresh machine. A failure here may be of a repository that we don't need.
    apt update || say "apt-get update failed, trying with the lists that are there:
$log"
    apt install -y --no-install-recommends "$@" || fail 4 "apt-get install failed:
$log"
    release_services
    missing=$(missing_packages)
    [ -z "$missing" ] || fail 4 "$(echo $missing): installed, but the program is not on PATH."
}

# Keeps what it says in $log.
apt() {
    log=$($as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 \
        -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold "$@" </dev/null 2>&1)
}

# The words that run a command as root; fails where it can't be done or nobody is there to give a password.
find_sudo() {
    have sudo || return 1
    if sudo -n true 2>/dev/null; then
        echo sudo -n
    elif [ -t 0 ] && [ -t 2 ]; then
        echo sudo
    else
        return 1
    fi
}

# The tests start servers of their own: installing the packages shall not start any on this machine.
hold_services() {
    [ -n "$for_tests" ] && [ -d /run/systemd/system ] && [ ! -e "$service_policy" ] || return 0
    printf '#!/bin/sh\nexit 101\n' | $as_root tee "$service_policy" >/dev/null
    $as_root chmod 755 "$service_policy"
    held=yes
    trap release_services EXIT
    trap 'exit 130' INT TERM HUP
}

release_services() {
    [ -n "${held:-}" ] || return 0
    held=
    $as_root rm -f "$service_policy"
    trap - EXIT INT TERM HUP
}

ask_for_packages() {
    if have apt-get; then
        advice="sudo apt-get update && sudo apt-get install --no-install-recommends $*"
    elif have brew; then
        advice="brew install $(echo "$*" | sed 's/mediainfo/media-info/; s/nodejs npm/node/; s/rabbitmq-server/rabbitmq/')"
    else
        advice="the programs that these packages of Debian have: $*"
    fi
    fail 4 "Something is missing that can't be installed from here. Install it and try again:
    $advice"
}
