# Sourced by farm: runs the test projects one after the other and sums up.

# A project that hangs is ended after this many seconds.
usual_limit=1500
long_limit=14400

# run_test [--long] [room…] [-- options of the test runner…]
run_test() {
    rooms=
    selection=
    limit=$usual_limit
    while [ $# -gt 0 ]; do
        case $1 in
            --long)
                export ENCODEFARM_LONG=1
                limit=$long_limit
                ;;
            --)
                selection=yes
                shift
                break
                ;;
            -*) fail 2 "test knows --long only, not $1." ;;
            *)
                [ -d "$root/tests/EncodeFarm.$1.Tests" ] || fail 2 "There is no room $1 in tests."
                rooms="$rooms EncodeFarm.$1.Tests"
                ;;
        esac
        shift
    done
    [ -n "${ENCODEFARM_LONG:-}" ] || set -- -trait- Length=Long "$@"
    passed=0 failed=0 skipped=0
    if ! (build_all); then
        echo "0 passed, 1 failed, 0 skipped"
        exit 1
    fi
    results=$root/artifacts/tests
    mkdir -p "$results"
    for project in ${rooms:-$(test_projects)}; do
        run_project "$project" "$@"
    done
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" = 0 ]
}

run_bench() {
    build_all
    for project in $(test_projects); do
        grep -rqs 'Explicit = true' "$root/tests/$project" --include='*.cs' || continue
        "$(test_program "$project")" -explicit only -showLiveOutput -noLogo -noColor "$@"
    done
    "$(test_program EncodeFarm.Benchmarks)"
}

test_projects() {
    for path in "$root"/tests/EncodeFarm.*.Tests; do
        basename "$path"
    done
}

test_program() {
    echo "$root/artifacts/bin/$1/release/$1"
}

# run_project <project> <options…>: adds to the sums, and shows what went wrong.
run_project() {
    project=$1
    shift
    xml=$results/$project.xml
    log=$results/$project.log
    rm -f "$xml"
    printf '%-32s' "$project"
    code=0
    limited "$(test_program "$project")" "$@" -noLogo -noColor -xml "$xml" </dev/null >"$log" 2>&1 || code=$?
    total=$(count total) bad=$(($(count failed) + $(count errors)))
    printf '%5d passed %3d failed %3d skipped %7s s\n' "$(count passed)" "$bad" "$(count skipped)" "$(attribute time)"
    passed=$((passed + $(count passed))) skipped=$((skipped + $(count skipped)))
    if [ "$code" = 0 ] && [ "$total" = 0 ] && [ -z "$selection" ]; then
        echo "  no test ran"
        bad=1
    elif [ "$code" != 0 ]; then
        cat "$log"
        [ "$code" != 124 ] || echo "  ended after $limit s"
        [ "$bad" != 0 ] || echo "  ended with exit code $code"
        [ "$bad" != 0 ] || bad=1
    elif [ "$(count skipped)" != 0 ]; then
        grep -A 1 '\[SKIP\]' "$log" || true
    fi
    failed=$((failed + bad))
}

# An attribute of the result file's element for the whole assembly; nothing where there is no file.
attribute() {
    [ ! -f "$xml" ] || head -c 4000 "$xml" | grep -o '<assembly [^>]*>' | sed -n "s/.* $1=\"\([0-9.]*\)\".*/\1/p"
}

count() {
    number=$(attribute "$1")
    echo "${number:-0}"
}

limited() {
    if have timeout; then
        timeout --foreground --kill-after=30 "$limit" "$@"
    else
        "$@"
    fi
}
