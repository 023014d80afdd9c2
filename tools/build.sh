# Sourced by farm: builds when a source is newer than the last build, and starts no compiler otherwise.

encodefarm=$root/artifacts/bin/EncodeFarm.Node/release/encodefarm
pbm=$root/artifacts/bin/EncodeFarm.Pbm/release/pbm
programs_stamp=$root/artifacts/.built-programs
all_stamp=$root/artifacts/.built-all

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE=1

build_when_changed() {
    is_current "$programs_stamp" && [ -x "$encodefarm" ] && return
    locked build_programs
}

build_programs() {
    # Another farm may have built while this one waited.
    ! is_current "$programs_stamp" || [ ! -x "$encodefarm" ] || return 0
    say "building (after a change of the sources)"
    begin_stamp
    build_project src/EncodeFarm.Node
    [ ! -d "$root/src/EncodeFarm.Pbm" ] || build_project src/EncodeFarm.Pbm
    end_stamp "$programs_stamp"
}

build_all() {
    is_current "$all_stamp" tests EncodeFarm.sln && [ -x "$encodefarm" ] && return
    locked build_solution
}

build_solution() {
    say "building everything (after a change of the sources)"
    begin_stamp
    build_project EncodeFarm.sln
    cp -p "$new_stamp" "$programs_stamp"
    end_stamp "$all_stamp"
}

# is_current <stamp> [more sources…]: nothing that goes into a build is newer. Directories count, so that a deleted file is noticed.
is_current() {
    stamp=$1
    shift
    [ -f "$stamp" ] || return 1
    newer=$(cd "$root" && find src cluster-config Directory.*.props "$@" -newer "$stamp" -print 2>/dev/null | head -n 1)
    [ -z "$newer" ]
}

# The stamp is as old as the start of the build: what is edited meanwhile is built the next time.
begin_stamp() {
    rm -f "$root"/artifacts/.stamp.*
    new_stamp=$root/artifacts/.stamp.$$
    : >"$new_stamp"
}

end_stamp() {
    mv -f "$new_stamp" "$1"
}

# Says something only when it fails, and on stderr: stdout belongs to the verb.
build_project() {
    log=$("$dotnet" build "$root/$1" -c Release --nologo --tl:off -v:quiet -clp:ErrorsOnly -nodeReuse:false \
        </dev/null 2>&1 9>&-) || {
        rm -f "$new_stamp"
        fail 1 "the build failed.
$log"
    }
}

# format [--check]
format() {
    [ $# = 0 ] || [ "$*" = --check ] || fail 2 "format knows --check only, not $*."
    (
        cd "$root"
        "$dotnet" tool restore >/dev/null || fail 1 "dotnet tool restore failed."
        if [ "${1-}" = --check ]; then
            "$dotnet" csharpier check .
        else
            "$dotnet" csharpier format .
        fi
    )
}

# One build at a time where flock is there.
locked() {
    mkdir -p "$root/artifacts"
    if have flock; then
        (
            flock 9
            "$@"
        ) 9>"$root/artifacts/.lock" || exit $?
    else
        "$@"
    fi
}
