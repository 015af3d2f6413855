"""Runs of the original simulator on requests and operator times of our own.

Writes requests.csv, runs.json and a file per run beside itself. It needs the package
vidur 0.0.9 of PyPI (the original, by its authors; MIT) on PYTHONPATH or installed:

    pip install vidur==0.0.9 && python -O original.py

-O leaves out a check of 0.0.9 that counts the tokens of a preempted request twice.

Event loop, routers, schedulers, requests and batches are the package's. The requests
and the operator times are those below, so that no profile is needed, and metrics are
read from the requests.
"""

import csv
import heapq
import json
import logging
import os
from types import SimpleNamespace

from vidur.config import config as cfg
from vidur.entities import Request
from vidur.entities.base_entity import BaseEntity
from vidur.entities.replica import Replica
from vidur.events import RequestArrivalEvent
from vidur.execution_time_predictor import base_execution_time_predictor as base
from vidur.scheduler.global_scheduler import base_global_scheduler
from vidur.scheduler.global_scheduler.lor_global_scheduler import LORGlobalScheduler
from vidur.scheduler.global_scheduler.round_robin_global_scheduler import RoundRobinGlobalScheduler

HERE = os.path.dirname(os.path.abspath(__file__))
MODEL, MAX_TOKENS = "meta-llama/Llama-2-7b-hf", 4096
ROUTERS = {"round_robin": RoundRobinGlobalScheduler, "lor": LORGlobalScheduler}


def requests(n=160):
    """Arrivals, prompts and outputs from a linear congruential generator."""
    state, at, rows = 1, 0.0, []

    def draw(low, high):
        nonlocal state
        state = (1103515245 * state + 12345) % 2**31
        return low + (state >> 8) % (high - low + 1)

    for i in range(n):
        rows.append((i, at, draw(16, 1500), draw(1, 160)))
        at += draw(0, 400) / 1000
    return rows


class Closed(base.BaseExecutionTimePredictor):
    """Times in ms per layer that are linear in tokens and in what attention reads."""

    def linear(a, b):
        return lambda self, batch: a + b * batch.total_num_q_tokens_rounded

    def zero(self, batch):
        return 0.0

    _get_attention_layer_pre_proj_execution_time = linear(0.03, 0.0008)
    _get_attention_layer_post_proj_execution_time = linear(0.01, 0.0003)
    _get_mlp_layer_up_proj_execution_time = linear(0.05, 0.0014)
    _get_mlp_layer_down_proj_execution_time = linear(0.03, 0.0007)
    _get_mlp_layer_act_execution_time = linear(0.002, 0.0001)
    _get_attention_rope_execution_time = zero
    _get_attention_kv_cache_save_execution_time = zero
    _get_mlp_norm_layer_act_execution_time = zero
    _get_attn_norm_layer_act_execution_time = zero
    _get_add_layer_act_execution_time = zero
    _get_tensor_parallel_communication_time = zero
    _get_pipeline_parallel_communication_time = zero
    _get_kv_parallel_communication_time = zero

    def _get_attention_decode_execution_time(self, batch):
        cached = [r.num_processed_tokens for r in batch.requests if r.is_prefill_complete]
        return 0.004 + 0.000012 * sum(cached) if cached else 0.0

    def _get_attention_prefill_execution_time(self, batch):
        chunks = [(t, r.num_processed_tokens) for r, t in zip(batch.requests, batch.num_q_tokens) if not r.is_prefill_complete]
        return 0.005 + 0.0000001 * sum(t * (t + 2 * kv) for t, kv in chunks) if chunks else 0.0


class Silent:
    """Takes all metrics and keeps none."""

    def __getattr__(self, name):
        return lambda *args, **kwargs: None


def run(rows, kind, router, replicas, blocks, **options):
    """The requests of a run, by id."""
    for c in [BaseEntity, *BaseEntity.__subclasses__()]:
        c._id = -1
    schedulers = {"vllm": cfg.VllmSchedulerConfig, "sarathi": cfg.SarathiSchedulerConfig, "orca": cfg.OrcaSchedulerConfig,
                  "faster_transformer": cfg.FasterTransformerSchedulerConfig, "lightllm": cfg.LightllmSchedulerConfig}
    replica = cfg.ReplicaConfig(model_name=MODEL, device="a100", network_device="a100_dgx", tensor_parallel_size=1,
                                num_pipeline_stages=1, block_size=1 if kind == "lightllm" else 16)
    lengths = SimpleNamespace(max_tokens=MAX_TOKENS)
    times = Closed(SimpleNamespace(cache_dir=""), replica)
    base_global_scheduler.ExecutionTimePredictorRegistry.get = lambda *a, **k: times
    setup = SimpleNamespace(
        cluster_config=SimpleNamespace(replica_config=replica, replica_scheduler_config=schedulers[kind](num_blocks=blocks, **options)),
        execution_time_predictor_config=SimpleNamespace(get_type=lambda: None), request_generator_config=lengths)
    scheduler = ROUTERS[router](setup, {i: Replica(replica, lengths) for i in range(replicas)})
    all_of_them = [Request(at, prompt, output) for _, at, prompt, output in rows]
    queue = []

    def add(event):
        heapq.heappush(queue, (event._priority_number, event))

    for r in all_of_them:
        add(RequestArrivalEvent(r.arrived_at, r))
    while queue:
        for event in heapq.heappop(queue)[1].handle_event(scheduler, Silent()):
            add(event)
    return all_of_them


def flags(kind, router, replicas, blocks, **options):
    """The run as flags of the original."""
    out = {"replica_config_model_name": MODEL, "replica_config_device": "a100", "replica_config_network_device": "a100_dgx",
           "cluster_config_num_replicas": replicas, "global_scheduler_config_type": router, "replica_scheduler_config_type": kind}
    if kind == "lightllm":
        options["block_size"] = 1
    for name, value in {"num_blocks": blocks, **options}.items():
        out[f"{kind}_scheduler_config_{name}"] = value
    return [text for name, value in out.items() for text in ("--" + name, str(value))]


# 0.0.9 holds a batch of prompts of vLLM to its number of tokens, and the revision that is
# reproduced, 7d47513, to that of the padded batch: with little memory that limit is out
# of reach here, and elsewhere no batch gets near it.
RUNS = {
    "vllm": dict(kind="vllm", router="round_robin", replicas=1, blocks=6000),
    "vllm, little memory": dict(kind="vllm", router="round_robin", replicas=1, blocks=330, max_tokens_in_batch=65536),
    "sarathi": dict(kind="sarathi", router="round_robin", replicas=1, blocks=6000, chunk_size=512),
    "sarathi, small chunks": dict(kind="sarathi", router="round_robin", replicas=1, blocks=6000, chunk_size=128),
    "orca": dict(kind="orca", router="round_robin", replicas=1, blocks=6000),
    "lightllm": dict(kind="lightllm", router="round_robin", replicas=1, blocks=96000),
    "sarathi, 3 replicas": dict(kind="sarathi", router="round_robin", replicas=3, blocks=6000, chunk_size=512),
    "vllm, 3 replicas, lor": dict(kind="vllm", router="lor", replicas=3, blocks=6000),
}


def write(name, head, rows):
    with open(os.path.join(HERE, name), "w", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(head)
        out.writerows(rows)


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    rows = requests()
    write("requests.csv", ["request_id", "arrived_at", "num_prefill_tokens", "num_decode_tokens"], rows)
    about = []
    for name, setup in RUNS.items():
        file = name.replace(",", "").replace(" ", "_") + ".csv"
        done = run(rows, **setup)
        write(file, ["Request Id", "request_e2e_time", "prefill_e2e_time", "decode_time_execution_plus_preemption_normalized"],
              [(i, r.completed_at - r.arrived_at, r.prefill_completed_at - r.arrived_at,
                (r.completed_at - r.prefill_completed_at) / r.num_decode_tokens) for i, r in enumerate(done)])
        about.append({"run": name, "metrics": file, "flags": flags(**setup), "restarts": sum(r.num_restarts for r in done)})
    with open(os.path.join(HERE, "runs.json"), "w") as f:
        json.dump(about, f, indent=1)
        f.write("\n")
