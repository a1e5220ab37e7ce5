#!/bin/sh
# What `mukae sim` is to a server, for tests of the server: it looks at a scenario, or works on it, and says how far it is.
# The scenario says what becomes of it. Without a word of that it goes on until it is told to end.
case "$2" in
check)
    if grep -q '^name' scenario.toml; then
        echo '{"scenario":"trial","jobs":2,"days":1,"rows_left_out":0,"problems":[]}'
    else
        echo '{"problems":[{"line":1,"what":"`name` is missing"},{"line":3,"what":"unknown key `sede`"}]}'
    fi
    ;;
run)
    echo "$@" >> ../told.txt
    echo '{"jobs":2,"jobs_done":1,"share":625,"left_s":9}'
    if grep -q '# broken' scenario.toml; then
        echo 'not used: line 7' >&2
        echo 'error: the town is gone' >&2
        exit 1
    fi
    if ! grep -q '# quick' scenario.toml; then
        sleep 1000 &
        cat > /dev/null
        exit 0
    fi
    mkdir -p results/jobs
    echo '{}' > results/plan.json
    echo '{}' > results/jobs/a.json
    echo 'job,served' > results/jobs.csv
    head -c 600000 /dev/zero > results/days.parquet
    cat > figures.json <<'END'
{"served":7,"comparison":{"baseline":"as-is","confidence":0.95,"points":[{"rules":"","policies":[
{"policy":"as-is","measures":[{"name":"served","value":7,"least":6,"most":8,"difference":null},
{"name":"wait_p90_s","value":null,"least":null,"most":null,"difference":null}]},
{"policy":"other","measures":[{"name":"served","value":9.5,"least":9,"most":10,
"difference":{"mean":2.5,"interval":{"low":1,"high":4},"is_distinguishable":true}}]}]}]}}
END
    echo '{"jobs":2,"jobs_done":2,"share":1000,"left_s":0}'
    ;;
esac
