"""The operators that agent.py measures: kernels of PyTorch and of serving libraries, and the tensors to try them on."""
import math
from types import SimpleNamespace as Case

import torch
import torch.nn.functional as F

LIBRARIES = ("vllm", "flashinfer", "flash_attn")

# Operators. Each takes a case, tensors of one shape, and gives a callable that computes it once.

def norm_torch(c):
    if c.bias is not None:
        c.kernel = "torch layer_norm"
        return lambda: F.layer_norm(c.x, c.w.shape, c.w, c.bias, 1e-5)
    if hasattr(F, "rms_norm"):
        c.kernel = "torch rms_norm"
        return lambda: F.rms_norm(c.x, c.w.shape, c.w, 1e-5)
    c.kernel = "torch pow, mean, rsqrt, mul"
    return lambda: (c.x * torch.rsqrt(c.x.float().pow(2).mean(-1, keepdim=True) + 1e-5)).to(c.x.dtype) * c.w


def fused_norm_torch(c):  # what fused kernels are compared with
    return lambda: norm_torch(Case(x=c.x + c.residual, w=c.w, bias=c.bias))()


def fused_norm_vllm(c):
    from vllm import _custom_ops
    return lambda: (_custom_ops.fused_add_rms_norm(c.x, c.residual, c.w, 1e-5), c.x)[1]


def fused_norm_flashinfer(c):
    from flashinfer.norm import fused_add_rmsnorm
    return lambda: (fused_add_rmsnorm(c.x, c.residual, c.w, 1e-5), c.x)[1]


def act_torch(c):
    if not c.gated:
        c.kernel = "torch gelu"
        return lambda: F.gelu(c.x)
    c.kernel = "torch silu, mul"
    gate, up = c.x.chunk(2, -1)
    return lambda: F.silu(gate) * up


def act_vllm(c):
    import vllm._custom_ops  # registers torch.ops._C
    out = c.x.new_empty(c.x.shape[0], c.x.shape[1] // 2)
    return lambda: (torch.ops._C.silu_and_mul(out, c.x), out)[1]


def act_flashinfer(c):
    from flashinfer.activation import silu_and_mul
    return lambda: silu_and_mul(c.x)


def rope_torch(c):
    c.kernel = "torch index, mul, cat"
    half = c.q.shape[-1] // 2

    def turn(x, cos, sin):
        a, b = x[..., :half], x[..., half:]
        return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)

    def run():
        cos, sin = c.angles.to(c.q.dtype)[c.positions].unsqueeze(1).chunk(2, -1)
        return torch.cat((turn(c.q, cos, sin), turn(c.k, cos, sin)), 1)
    return run


def rope_vllm(c):
    from vllm import _custom_ops
    q, k, angles = c.q.flatten(1), c.k.flatten(1), c.angles.to(c.q.dtype)
    return lambda: (_custom_ops.rotary_embedding(c.positions, q, k, c.q.shape[-1], angles, True), torch.cat((c.q, c.k), 1) if c.check else 0)[1]


def rope_flashinfer(c):
    from flashinfer.rope import apply_rope_with_cos_sin_cache_inplace as rope
    q, k = c.q.flatten(1), c.k.flatten(1)
    return lambda: (rope(c.positions, q, k, c.q.shape[-1], c.angles, True), torch.cat((c.q, c.k), 1) if c.check else 0)[1]


def save_torch(c):
    c.kernel = "torch index_copy_"
    keys, values = (x.flatten(0, 1) for x in c.cache)
    return lambda: (keys.index_copy_(0, c.slots, c.k), values.index_copy_(0, c.slots, c.v), c.cache[0])[2]


def save_vllm(c):
    from vllm import _custom_ops
    one = torch.ones((), device=c.k.device)
    return lambda: (_custom_ops.reshape_and_cache_flash(c.k, c.v, *c.cache, c.slots, "auto", one, one), c.cache[0])[1]


# Attention of c.q (requests, new tokens, heads, width): new tokens behind cached ones, of which c.length there are in
# all. Paged kernels read c.pages(); PyTorch has none and reads c.plain(), keys and values in one piece.

def attention_sdpa(c):
    b, s, h, d = c.q.shape
    keys, values = c.plain()
    kv, extra, how = keys.shape[1], {}, ""
    if s == 1:  # the query heads of a key head are as good as queries: nothing is expanded
        q = c.q.reshape(b, kv, h // kv, d)
    else:  # is_causal is for squares: elsewhere it hides cached tokens
        q, extra = c.q.transpose(1, 2), {"is_causal": True} if s == c.length else {"attn_mask": lower_right(c)}
        if h != kv and grouped(q):
            extra["enable_gqa"] = True
        elif h != kv:
            keys, values = (x.repeat_interleave(h // kv, 1) for x in (keys, values))
            how = ", KV heads expanded beforehand"
    c.kernel = "torch sdpa%s, not paged%s" % (backend(q, keys, values, extra), how)
    return by_heads(c, lambda: F.scaled_dot_product_attention(q, keys, values, **extra))


def attention_plain(c):
    b, s, h, d = c.q.shape
    keys, values = c.plain()
    kv = keys.shape[1]
    c.kernel = "torch matmul, softmax, not paged" + (", KV heads expanded beforehand" if s > 1 and h != kv else "")
    if s == 1:
        q, hidden = c.q.reshape(b, kv, h // kv, d), None
    else:
        q, hidden = c.q.transpose(1, 2), ~seen(c)
        keys, values = (x.repeat_interleave(h // kv, 1) for x in (keys, values))

    def attend():
        scores = q @ keys.transpose(-1, -2) / math.sqrt(d)
        return torch.softmax(scores if hidden is None else scores.masked_fill(hidden, -math.inf), -1) @ values
    return by_heads(c, attend)


def by_heads(c, attend):
    """attend, whose result is put as paged kernels give it only where it is compared: that may be a copy."""
    if not c.check:
        return attend
    return lambda: attend().reshape(c.q.shape) if c.q.shape[1] == 1 else attend().transpose(1, 2)


def grouped(q):
    """Whether PyTorch reads a key head once for all its query heads: on GPUs, FlashAttention does, for what it can do."""
    return "enable_gqa" in (F.scaled_dot_product_attention.__doc__ or "") and (
        not q.is_cuda or q.dtype != torch.float32 and torch.cuda.get_device_capability(q.device) >= (8, 0))


def backend(q, keys, values, extra):
    """The name of what computes PyTorch's attention, after a blank; empty if it does not say."""
    mask, causal, gqa = extra.get("attn_mask"), extra.get("is_causal", False), extra.get("enable_gqa", False)
    try:
        from torch.nn.attention import SDPBackend
        if type(mask).__name__ == "CausalBias":
            usable = torch.backends.cuda.can_use_flash_attention(torch.backends.cuda.SDPAParams(q, keys, values, None, 0.0, False, gqa))
            return " flash_attention" if usable else ""
        return " " + SDPBackend(torch._fused_sdp_choice(q, keys, values, mask, 0.0, causal, enable_gqa=gqa)).name.lower()
    except Exception:  # none of it is there in all versions
        return ""


def seen(c):
    """The mask of new tokens that see all cached ones and those before them."""
    s = c.q.shape[1]
    return torch.ones(s, c.length, dtype=torch.bool, device=c.q.device).tril(c.length - s)


def lower_right(c):
    """seen, as FlashAttention takes it where PyTorch has it: a mask of numbers is for slower kernels."""
    try:
        from torch.nn.attention.bias import causal_lower_right
        return causal_lower_right(c.q.shape[1], c.length) if c.q.is_cuda else seen(c)
    except ImportError:
        return seen(c)


def attention_vllm(c):
    from vllm.vllm_flash_attn import flash_attn_varlen_func
    b, s, h, d = c.q.shape
    version = flash_version(c.q)
    extra, c.kernel = {"fa_version": version} if version else {}, "vllm flash-attention %s" % (version or 2)
    keys, values, table = c.pages()
    starts = torch.arange(0, b * s + 1, s, dtype=torch.int32, device=c.q.device)
    used = torch.full((b,), c.length, dtype=torch.int32, device=c.q.device)
    q = c.q.reshape(b * s, h, d)
    return lambda: flash_attn_varlen_func(q=q, k=keys, v=values, max_seqlen_q=s, cu_seqlens_q=starts, max_seqlen_k=c.length,
                                          seqused_k=used, causal=True, block_table=table, **extra).view(b, s, h, d)


def flash_version(q):
    """The version of FlashAttention that vLLM runs: 3 on Hopper GPUs. 0 if it has but one."""
    try:
        from vllm.vllm_flash_attn.flash_attn_interface import is_fa_version_supported
    except ImportError:
        return 0
    return 3 if torch.cuda.get_device_capability(q.device)[0] == 9 and is_fa_version_supported(3) else 2


def attention_flashinfer(c):
    import flashinfer
    b, s, h, d = c.q.shape
    keys, values, table = c.pages()
    block, space = keys.shape[1], torch.empty(128 << 20, dtype=torch.uint8, device=c.q.device)
    starts = torch.arange(b + 1, dtype=torch.int32, device=c.q.device)
    last = torch.full((b,), (c.length - 1) % block + 1, dtype=torch.int32, device=c.q.device)
    where = (starts * table.shape[1], table.flatten(), last, h, keys.shape[2], d, block)
    if s == 1:
        w = flashinfer.BatchDecodeWithPagedKVCacheWrapper(space, "NHD", use_tensor_cores=h > keys.shape[2])
        w.plan(*where, q_data_type=c.q.dtype, data_type=keys.dtype)
    else:
        w = flashinfer.BatchPrefillWithPagedKVCacheWrapper(space, "NHD")
        w.plan(starts * s, *where, causal=True, q_data_type=c.q.dtype)
    q = c.q.reshape(b * s, h, d)
    return lambda: w.run(q, (keys, values)).view(b, s, h, d)


def attention_flash_attn(c):
    from flash_attn import flash_attn_with_kvcache
    used = torch.full((c.q.shape[0],), c.length, dtype=torch.int32, device=c.q.device)
    keys, values, table = c.pages()  # pages must be of 256 tokens or a multiple: others are refused
    return lambda: flash_attn_with_kvcache(c.q, keys, values, cache_seqlens=used, block_table=table, causal=True)


# By operator, the best first. The last is compared with nothing: others are with it.
KERNELS = {
    "norm": {"torch": norm_torch},
    "fused_norm": {"vllm": fused_norm_vllm, "flashinfer": fused_norm_flashinfer, "torch": fused_norm_torch},
    "mlp_act": {"vllm": act_vllm, "flashinfer": act_flashinfer, "torch": act_torch},
    "attn_rope": {"vllm": rope_vllm, "flashinfer": rope_flashinfer, "torch": rope_torch},
    "attn_kv_cache_save": {"vllm": save_vllm, "torch": save_torch},
    "attn_prefill": {"vllm": attention_vllm, "flashinfer": attention_flashinfer, "flash_attn": attention_flash_attn, "torch": attention_sdpa,
                     "torch plain": attention_plain},
    "attn_decode": {"vllm": attention_vllm, "flashinfer": attention_flashinfer, "flash_attn": attention_flash_attn, "torch": attention_sdpa,
                    "torch plain": attention_plain},
}


# Cases: the tensors of one tensor-parallel shard.

def norm_case(b, m, n):
    ones = torch.ones(m.hidden, dtype=b.dtype, device=b.device)
    return Case(x=b.rand(n, m.hidden), residual=b.rand(n, m.hidden), w=ones, bias=ones * 0 if m.layer_norm else None)


def act_case(b, m, n):
    return Case(x=b.rand(n, m.mlp * (2 if m.gated else 1)), gated=m.gated)


def rope_case(b, m, n):
    steps = 10000.0 ** (-torch.arange(0, m.head, 2, device=b.device) / m.head)
    angles = torch.arange(4096, device=b.device)[:, None] * steps[None]
    return Case(q=b.rand(n, m.q, m.head), k=b.rand(n, m.kv, m.head), positions=b.ints(4096, n), check=False,
                angles=torch.cat((angles.cos(), angles.sin()), -1))


def save_case(b, m, n):
    blocks = 2 * -(-n // m.block)
    slots = torch.randperm(blocks * m.block, generator=b.gen, device=b.device)[:n]
    return Case(k=b.rand(n, m.kv, m.head), v=b.rand(n, m.kv, m.head), slots=slots,
                cache=[b.rand(blocks, m.block, m.kv, m.head) for _ in range(2)])


def attention_case(b, m, batch, new, cached):
    length = cached + new
    pages = -(-length // m.block)

    def paged():
        if not hasattr(c, "kept"):
            table = torch.randperm(batch * pages, generator=b.gen, device=b.device).view(batch, pages).int()
            c.kept = *(b.rand(batch * pages, m.block, m.kv, m.head) for _ in range(2)), table
        return c.kept

    def plain():
        if c.check:  # the same keys and values as in pages
            keys, values, table = paged()
            return [x[table.long()].flatten(1, 2)[:, :length].transpose(1, 2).contiguous() for x in (keys, values)]
        return [b.rand(batch, m.kv, length, m.head) for _ in range(2)]
    c = Case(q=b.rand(batch, new, m.q, m.head), length=length, pages=paged, plain=plain, check=False)
    return c


def shard(m, tp, block):
    """The shape of one of tp parts; key heads are replicated when there are fewer."""
    return Case(hidden=m["hidden"], q=m["q_heads"] // tp, kv=-(-m["kv_heads"] // tp), head=m["head_dim"], mlp=m["mlp_hidden"] // tp,
                vocab=-(-m["vocab"] // tp), gated=m.get("gated", False), layer_norm=m.get("layer_norm", False), block=block, tp=tp,
                parallel=m.get("no_post_norm", False), bias=m.get("qkv_bias", False), all=m["vocab"])


def choose(b, plan, allowed):
    """Finds the kernels that can be had and, on a small case, agree with the plainest."""
    model = plan["model"]
    kv = 4 if model.get("q_heads") == model.get("kv_heads") else 2  # some kernels are for groups of query heads only
    m = Case(hidden=256, q=4, kv=kv, head=model["head_dim"], mlp=512, gated=True, layer_norm=False, block=plan["block_size"])
    cases = {"norm": lambda: norm_case(b, m, 5), "fused_norm": lambda: norm_case(b, m, 5), "mlp_act": lambda: act_case(b, m, 5),
             "attn_rope": lambda: rope_case(b, m, 5), "attn_kv_cache_save": lambda: save_case(b, m, 5),
             "attn_prefill": lambda: attention_case(b, m, 1, 40, 24), "attn_decode": lambda: attention_case(b, m, 3, 1, 40)}

    def result(op, make):
        b.gen.manual_seed(b.seed)
        case = cases[op]()
        case.check = True
        return make(case)().float()
    fused = not model.get("layer_norm") and not model.get("no_post_norm")
    for op, makes in KERNELS.items():
        b.kernels[op], plainest = [], list(makes.values())[-1]
        for name, make in makes.items():
            library = name.split()[0] != "torch"
            if library and (name not in allowed or not b.cuda or op == "mlp_act" and not model.get("gated") or op == "fused_norm" and not fused):
                continue
            try:
                if make is not plainest and not torch.allclose(result(op, make), result(op, plainest), atol=0.05, rtol=0.05):
                    raise ValueError("differs from what PyTorch computes step by step")
                b.kernels[op].append((name, make))
            except Exception as e:  # whatever a library does, PyTorch remains
                b.survive()
                b.refused["%s %s" % (name, op)] = ("%s: %s" % (type(e).__name__, e))[:200]
