package measure

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// operators checks, in Python, that what is timed computes what it should:
// attention by heads, one after the other; rotation by complex numbers; a cache
// that holds what was saved. Then that a library's kernel is taken when it agrees
// and left when it does not.
const operators = `
import math, sys, types, torch
sys.dont_write_bytecode = True
import agent_kernels as ak
from types import SimpleNamespace as Case
b = Case(cuda=False, cold=False, seed=3, dtype=torch.float32, device=torch.device("cpu"), kernels={}, refused={}, gen=torch.Generator().manual_seed(3))
b.rand = lambda *s, dtype=None: torch.randn(s, generator=b.gen)
b.ints = lambda high, *s: torch.randint(high, s, generator=b.gen)
m = Case(hidden=64, q=6, kv=2, head=16, mlp=32, gated=True, layer_norm=False, block=16)

def naive(c):
    keys, values = c.plain()
    n, s, h, d = c.q.shape
    out = torch.empty_like(c.q)
    for r in range(n):
        for j in range(h):
            for i in range(s):
                see = c.length - s + i + 1
                score = keys[r, j * m.kv // h, :see] @ c.q[r, i, j] / math.sqrt(d)
                out[r, i, j] = torch.softmax(score, 0) @ values[r, j * m.kv // h, :see]
    return out

for batch, new, cached in ((1, 7, 0), (1, 7, 20), (1, 1, 0), (3, 1, 20), (2, 5, 11)):
    c = ak.attention_case(b, m, batch, new, cached)
    c.check = True
    want = naive(c)
    for attend in (ak.attention_plain, ak.attention_sdpa)[: 1 + hasattr(torch.nn.functional, "scaled_dot_product_attention")]:
        got = attend(c)()
        assert got.shape == want.shape and torch.allclose(got, want, atol=1e-4), (attend, batch, new, cached, (got - want).abs().max())

c = ak.attention_case(b, m, 3, 1, 20)
assert ak.attention_plain(c)().shape == (3, 2, 3, 16), "what is timed copies its result into another order"

c = ak.rope_case(b, m, 5)
got = ak.rope_torch(c)()
x = torch.cat((c.q, c.k), 1)
turned = torch.complex(x[..., :8], x[..., 8:]) * torch.polar(torch.ones(5, 1, 8), torch.acos(c.angles[c.positions][:, None, :8]) * torch.sign(c.angles[c.positions][:, None, 8:]))
assert torch.allclose(got, torch.cat((turned.real, turned.imag), -1), atol=1e-3)

c = ak.save_case(b, m, 9)
ak.save_torch(c)()
assert torch.equal(c.cache[0].flatten(0, 1)[c.slots], c.k) and torch.equal(c.cache[1].flatten(0, 1)[c.slots], c.v)
c = ak.norm_case(b, m, 5)
assert torch.allclose(ak.norm_torch(c)(), c.x / torch.sqrt((c.x ** 2).mean(-1, keepdim=True) + 1e-5), atol=1e-4)
s = ak.shard({"hidden": 64, "q_heads": 8, "kv_heads": 2, "head_dim": 8, "mlp_hidden": 128, "vocab": 1001}, 4, 16)
assert (s.q, s.kv, s.mlp, s.vocab) == (2, 1, 32, 251)

def with_kvcache(q, keys, values, cache_seqlens, block_table, causal):
    length = int(cache_seqlens[0])
    flat = [x[block_table.long()].flatten(1, 2)[:, :length].transpose(1, 2) for x in (keys, values)]
    return ak.attention_plain(Case(q=q, length=length, plain=lambda: flat, check=True))() + error
sys.modules["flash_attn"] = types.SimpleNamespace(flash_attn_with_kvcache=with_kvcache)
b.cuda, b.survive = True, lambda: None
plan = {"model": {"head_dim": 16, "gated": True}, "block_size": 16}
for error, taken in ((0, True), (0.5, False)):
    b.kernels, b.refused = {}, {}
    ak.choose(b, plan, ak.LIBRARIES)
    assert (b.kernels["attn_decode"][0][0] == "flash_attn") is taken, (b.kernels, b.refused)
    assert ("flash_attn attn_prefill" in b.refused) is not taken and "vllm mlp_act" in b.refused
ak.choose(b, plan, ["torch"])
assert all(name.split()[0] == "torch" for found in b.kernels.values() for name, _ in found) and b.kernels["attn_decode"][-1][0] == "torch plain"
print("ok")
`

func TestOperators(t *testing.T) {
	python, dir := torchPython(t), t.TempDir()
	text, err := agent.ReadFile("agent_kernels.py")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"agent_kernels.py": text, "test.py": []byte(operators)} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command(python, filepath.Join(dir, "test.py")).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// torchPython is a Python with PyTorch: $VIDUR_TEST_TORCH, or python3 if it has
// it. The test is skipped without.
func torchPython(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("VIDUR_TEST_TORCH"); path != "" {
		return path
	}
	for _, name := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(name, "-c", "import torch").Run() == nil {
			return name
		}
	}
	t.Skip("no Python with PyTorch: VIDUR_TEST_TORCH names one, to run this test")
	return ""
}
