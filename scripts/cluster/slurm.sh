#!/bin/sh
# A search on a Slurm cluster: sixteen parts of a grid that share one folder, and
# then the results.
#
#   array=$(sbatch --parsable scripts/cluster/slurm.sh)
#   sbatch --dependency=afterok:$array --array=1 scripts/cluster/slurm.sh --collect
#
# A part that is cut, by its time limit or a node that fails, goes on where it
# stopped when it is submitted again: Slurm does so by itself with --requeue. The
# folder must be one that all nodes see. All nodes run the same vidur.
#SBATCH --job-name=vidur-search
#SBATCH --array=1-16
#SBATCH --cpus-per-task=8
#SBATCH --mem=8G
#SBATCH --time=04:00:00
#SBATCH --requeue
set -eu
config=${CONFIG:-search.yaml}
out=${OUT:-$PWD/search}

if [ "${1:-}" = --collect ]; then
	exec vidur search --config "$config" --out "$out" --collect
fi
exec vidur search --config "$config" --out "$out" --workers "$SLURM_CPUS_PER_TASK" \
	--shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT"
