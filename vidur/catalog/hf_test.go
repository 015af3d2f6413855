package catalog

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
)

// Configurations as the models' own files have them, without the keys that do
// not matter.
var configs = []struct {
	name, text string // the shipped model that has the same shape, or "" for want
	want       vidur.Model
}{
	{name: "llama-3.1-8b", text: `{"architectures": ["LlamaForCausalLM"], "attention_bias": false, "hidden_size": 4096, "intermediate_size": 14336,
		"max_position_embeddings": 131072, "model_type": "llama", "num_attention_heads": 32, "num_hidden_layers": 32, "num_key_value_heads": 8,
		"tie_word_embeddings": false, "torch_dtype": "bfloat16", "vocab_size": 128256, "pretraining_tp": 1, "rope_scaling": {"factor": 8.0}}`},
	{name: "llama-3.2-3b", text: `{"model_type": "llama", "head_dim": 128, "hidden_size": 3072, "intermediate_size": 8192, "max_position_embeddings": 131072,
		"num_attention_heads": 24, "num_hidden_layers": 28, "num_key_value_heads": 8, "tie_word_embeddings": true, "vocab_size": 128256}`},
	{name: "mistral-nemo", text: `{"model_type": "mistral", "head_dim": 128, "hidden_size": 5120, "intermediate_size": 14336, "max_position_embeddings": 131072,
		"num_attention_heads": 32, "num_hidden_layers": 40, "num_key_value_heads": 8, "tie_word_embeddings": false, "vocab_size": 131072, "sliding_window": null}`},
	{name: "qwen2.5-7b", text: `{"model_type": "qwen2", "hidden_size": 3584, "intermediate_size": 18944, "max_position_embeddings": 32768, "num_attention_heads": 28,
		"num_hidden_layers": 28, "num_key_value_heads": 4, "tie_word_embeddings": false, "torch_dtype": "bfloat16", "vocab_size": 152064}`},
	{name: "qwen3-0.6b", text: `{"model_type": "qwen3", "attention_bias": false, "head_dim": 128, "hidden_size": 1024, "intermediate_size": 3072, "max_position_embeddings": 40960,
		"num_attention_heads": 16, "num_hidden_layers": 28, "num_key_value_heads": 8, "tie_word_embeddings": true, "vocab_size": 151936}`},
	{name: "gemma-2-9b", text: `{"model_type": "gemma2", "head_dim": 256, "hidden_size": 3584, "intermediate_size": 14336, "max_position_embeddings": 8192,
		"num_attention_heads": 16, "num_hidden_layers": 42, "num_key_value_heads": 8, "torch_dtype": "float32", "vocab_size": 256000}`},
	{name: "gemma-3-4b", text: `{"architectures": ["Gemma3ForConditionalGeneration"], "model_type": "gemma3", "torch_dtype": "bfloat16",
		"text_config": {"hidden_size": 2560, "intermediate_size": 10240, "model_type": "gemma3_text", "num_hidden_layers": 34}, "vision_config": {"hidden_size": 1152}}`},
	{name: "phi-4", text: `{"model_type": "phi3", "hidden_size": 5120, "intermediate_size": 17920, "max_position_embeddings": 16384, "num_attention_heads": 40,
		"num_hidden_layers": 40, "num_key_value_heads": 10, "tie_word_embeddings": false, "vocab_size": 100352}`},
	{name: "phi-2", text: `{"model_type": "phi", "hidden_size": 2560, "intermediate_size": 10240, "max_position_embeddings": 2048, "num_attention_heads": 32,
		"num_hidden_layers": 32, "num_key_value_heads": null, "tie_word_embeddings": false, "vocab_size": 51200}`},
	{text: `{"model_type": "gpt_neox", "hidden_size": 4096, "intermediate_size": 16384, "max_position_embeddings": 2048, "num_attention_heads": 32,
		"num_hidden_layers": 32, "vocab_size": 50432}`,
		want: vidur.Model{Layers: 32, Hidden: 4096, QHeads: 32, KVHeads: 32, FFN: 16384, Vocab: 50432, LayerNorm: true, QKVBias: true, MaxPositions: 2048}},
	{text: `{"model_type": "opt", "hidden_size": 4096, "ffn_dim": 16384, "max_position_embeddings": 2048, "num_attention_heads": 32,
		"num_hidden_layers": 32, "vocab_size": 50272, "word_embed_proj_dim": 4096}`,
		want: vidur.Model{Layers: 32, Hidden: 4096, QHeads: 32, KVHeads: 32, FFN: 16384, Vocab: 50272, LayerNorm: true, QKVBias: true, TiedEmbed: true, MaxPositions: 2048}},
}

func TestFromHFConfig(t *testing.T) {
	for _, v := range configs {
		want := v.want
		if v.name != "" {
			want = model(t, Default(), v.name)
		}
		want.Name = "it"
		got, err := FromHFConfig(strings.NewReader(v.text), "it")
		if err != nil || got != want {
			t.Errorf("%s: %v\n got %+v\nwant %+v", v.name, err, got, want)
		}
	}
}

func TestHFConfigErrors(t *testing.T) {
	const llama = `{"model_type": "llama", "hidden_size": 4096, "intermediate_size": 14336, "num_attention_heads": 32, "num_hidden_layers": 32, "vocab_size": 128256`
	for _, v := range []struct{ text, want string }{
		{llama + `, "num_local_experts": 8}`, "num_local_experts is 8: mixtures of experts are not modelled"},
		{llama + `, "n_routed_experts": 256}`, "n_routed_experts is 256"},
		{llama + `, "num_experts": 128}`, "num_experts is 128"},
		{llama + `, "kv_lora_rank": 512}`, "latent attention is not modelled"},
		{llama + `, "quantization_config": {"bits": 4}}`, "only fp16 and bf16 weights are modelled"},
		{llama + `, "torch_dtype": "float8_e4m3fn"}`, "weights are float8_e4m3fn"},
		{llama + `, "num_key_value_heads": 5}`, "5 KV heads do not divide 32 query heads"},
		{`{"model_type": "llama", "hidden_size": 4096}`, "layers 0 must be positive"},
		{`{"model_type": "mamba", "architectures": ["MambaForCausalLM"]}`, `model_type "mamba" (MambaForCausalLM) is not one of the known dense ones`},
		{`{"model_type": "llava", "text_config": {"model_type": "mixtral", "num_local_experts": 8}}`, "mixtures of experts"},
		{`{"model_type": "opt", "hidden_size": 1024, "word_embed_proj_dim": 512}`, "word_embed_proj_dim 512 differs"},
		{"{\n\"hidden_size\": \"big\"}", "config of it, line 2: json: cannot unmarshal string"},
		{"[]", "config of it, line 1: json: cannot unmarshal array"},
		{"", "line 1: unexpected end of JSON input"},
	} {
		_, err := FromHFConfig(strings.NewReader(v.text), "it")
		if err == nil || !strings.Contains(err.Error(), v.want) {
			t.Errorf("%s: %v, want %s", v.text, err, v.want)
		}
	}
}

func TestModelOfAPath(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "my-llama")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "config.json")
	if err := os.WriteFile(path, []byte(configs[0].text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{dir, path} {
		m, err := Default().Model(name)
		if err != nil || m.Name != "my-llama" || m.Hidden != 4096 {
			t.Errorf("%s: %+v, %v", name, m, err)
		}
	}
	if _, err := Default().Model(filepath.Join(dir, "other.json")); !os.IsNotExist(err) {
		t.Error(err)
	}
	other := filepath.Join(dir, "other.json")
	if err := os.WriteFile(other, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Default().Model(other); err == nil || !strings.HasPrefix(err.Error(), other+": config of other: model_type") {
		t.Error(err)
	}
}

func FuzzFromHFConfig(f *testing.F) {
	for _, v := range configs {
		f.Add(v.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := FromHFConfig(strings.NewReader(text), "it")
		if err == nil && (m.Params() < 0 || m.Head() <= 0 || m.Layers <= 0) {
			t.Errorf("%+v", m)
		}
	})
}
