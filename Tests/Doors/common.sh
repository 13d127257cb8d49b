# Sourced by Scripts/doors before each door, in a folder of its own ($WORK) that is deleted afterwards.

# skip WHY; fail WHY; tell WORDS (beside "passed")
skip() { printf '%s\n' "$*" >"$WORK/why"; exit 77; }
fail() { printf '%s\n' "$*" >"$WORK/why"; exit 1; }
tell() { printf '%s\n' "$*" >"$WORK/told"; }

# said FILE: its last line of words.
said() { grep '[[:alnum:]]' "$1" 2>/dev/null | tail -n 1 | cut -c 1-200; }

# need COMMAND PACKAGE…: installs the packages with apt where the command is missing.
need() {
    local command=$1
    shift
    PATH=$PATH:/usr/sbin:/sbin
    command -v "$command" >/dev/null 2>&1 && return
    command -v apt-get >/dev/null 2>&1 || skip "$command is missing, and there is no apt-get"
    [ "$(id -u)" = 0 ] || skip "$command is missing; as root: apt-get install $*"
    apt-get update -qq || true
    # A daemon is started by its door alone.
    local policy=/usr/sbin/policy-rc.d
    [ -e $policy ] || { printf '#!/bin/sh\nexit 101\n' >$policy; chmod +x $policy; trap 'rm -f /usr/sbin/policy-rc.d' EXIT; }
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" || skip "$* cannot be installed"
    hash -r
    command -v "$command" >/dev/null 2>&1 || skip "$* brings no $command"
}

need_root() { [ "$(id -u)" = 0 ] || skip "needs root"; }

# The options by which Open MPI starts more ranks than there are processors, as root in a container too.
ranks() {
    local options="--oversubscribe --bind-to none"
    [ "$(id -u)" != 0 ] || options="$options --allow-run-as-root"
    mpirun $options "$@"
}

# Builds layercake-mpi where no built one is named.
need_mpi() {
    need mpirun openmpi-bin libopenmpi-dev
    if [ -z "${LAYERCAKE_MPI_PROGRAM:-}" ]; then
        LAYERCAKE_MPI_PROGRAM=$(cd "$LAYERCAKE_ROOT" && Scripts/mpi 2>"$WORK/build" | tail -n 1) || {
            tail -n 20 "$WORK/build"
            fail "layercake-mpi cannot be built"
        }
    fi
    export LAYERCAKE_MPI_PROGRAM
}

# apart A B: the distance of two checkpoints' parameters, and the length of the first: "1.2e-07 14.5"
apart() { python3 "$DOORS/apart.py" "$1" "$2"; }

# near A B STEPS: fails unless they are within 1e-6·max(1, ‖w‖) a step.
near() {
    python3 "$DOORS/apart.py" "$1" "$2" --steps "$3" || fail "$1 and $2 are further apart than rounding: $(apart "$1" "$2")"
}

# A sweep of 8 × 3 × 2 cells of different shapes, which end one after the other.
SWEEP=(sweep spiral --vary layers.0.dense.units=1..8:8 --vary "training.optimizer.sgd.learningRate=0.01..0.1:3:log"
    --seeds 2 --epochs 300 --threads 1)

# whole: the same in one piece, in whole.jsonl
whole() { "$LAYERCAKE_PROGRAM" "${SWEEP[@]}" --resume whole.jsonl --format csv >whole.csv; }

# merged N: the parts in this folder are all there, and together the same as in one piece.
merged() {
    "$LAYERCAKE_PROGRAM" sweep merge cells.*-of-"$1".jsonl --output all.jsonl --format csv >all.csv 2>merge.log ||
        fail "merge: $(said merge.log)"
    cmp -s all.csv whole.csv || fail "the merged parts are not the sweep in one piece"
    ! grep -q missing merge.log || fail "merge: $(said merge.log)"
}
