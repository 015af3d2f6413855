package catalog

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/govidur/govidur/vidur"
)

// hfConfig are the keys of a Hugging Face config.json that a shape follows
// from. Which of them a file has differs by architecture and age.
type hfConfig struct {
	ModelType     string    `json:"model_type"`
	Architectures []string  `json:"architectures"`
	Text          *hfConfig `json:"text_config"` // of models that see

	Hidden       *int  `json:"hidden_size"`
	Layers       *int  `json:"num_hidden_layers"`
	Heads        *int  `json:"num_attention_heads"`
	KVHeads      *int  `json:"num_key_value_heads"`
	HeadDim      *int  `json:"head_dim"`
	FFN          *int  `json:"intermediate_size"`
	FFNofOPT     *int  `json:"ffn_dim"`
	EmbedOfOPT   *int  `json:"word_embed_proj_dim"`
	Vocab        *int  `json:"vocab_size"`
	MaxPositions *int  `json:"max_position_embeddings"`
	Tied         *bool `json:"tie_word_embeddings"`
	Bias         *bool `json:"attention_bias"`

	DType    string          `json:"torch_dtype"`
	NewDType string          `json:"dtype"`
	Quant    json.RawMessage `json:"quantization_config"`

	// The keys by which mixtures of experts give how many there are.
	LocalExperts  *int `json:"num_local_experts"`
	Experts       *int `json:"num_experts"`
	RoutedExperts *int `json:"n_routed_experts"`
	MoEExperts    *int `json:"moe_num_experts"`
	KVRank        *int `json:"kv_lora_rank"` // latent attention
}

// family is what the classes of Hugging Face transformers hold fixed or take
// for keys that a file lacks.
type family struct {
	plain     bool // the MLP has no gate
	layerNorm bool
	oneNorm   bool // attention and MLP side by side after one norm
	tied      bool // unless the file says otherwise
	bias      bool
	def       hfConfig
}

func ptr[T any](v T) *T { return &v }

// familyOf knows the dense architectures, by model_type.
func familyOf(modelType string) (family, bool) {
	switch modelType {
	case "llama", "mistral", "qwen3", "phi3", "internlm2", "ministral":
		return family{}, true
	case "qwen2":
		return family{bias: true}, true
	case "gemma", "gemma2":
		return family{tied: true, def: hfConfig{HeadDim: ptr(256)}}, true
	case "gemma3_text", "gemma3":
		return family{tied: true, def: hfConfig{Heads: ptr(8), KVHeads: ptr(4), HeadDim: ptr(256), Vocab: ptr(262208), MaxPositions: ptr(131072)}}, true
	case "phi":
		return family{plain: true, layerNorm: true, oneNorm: true, bias: true}, true
	case "gpt_neox":
		return family{plain: true, layerNorm: true, bias: true}, true
	case "opt":
		return family{plain: true, layerNorm: true, tied: true, bias: true}, true
	}
	return family{}, false
}

const families = "llama, mistral, ministral, qwen2, qwen3, gemma, gemma2, gemma3, phi, phi3, internlm2, gpt_neox, opt"

// FromHFConfig reads the shape of a dense transformer from a Hugging Face
// config.json. Of a model that sees it takes the part for text. Mixtures of
// experts, latent attention and quantized weights are refused: operator times
// and memory are those of dense fp16 and bf16 models. Sliding windows and norms
// beyond two per layer are not modelled.
func FromHFConfig(r io.Reader, name string) (vidur.Model, error) {
	raw, err := io.ReadAll(r)
	if err != nil {
		return vidur.Model{}, fmt.Errorf("config of %s: %w", name, err)
	}
	var c hfConfig
	if err := decode(raw, &c); err != nil {
		return vidur.Model{}, fmt.Errorf("config of %s, line %w", name, err)
	}
	m, err := c.model(name)
	if err != nil {
		return vidur.Model{}, fmt.Errorf("config of %s: %w", name, err)
	}
	return m, nil
}

func (c *hfConfig) model(name string) (vidur.Model, error) {
	if err := c.refuse(); err != nil {
		return vidur.Model{}, err
	}
	if t := c.Text; t != nil {
		if t.Tied == nil {
			t.Tied = c.Tied
		}
		if t.ModelType == "" {
			t.ModelType = c.ModelType
		}
		t.Text = nil
		return t.model(name)
	}
	f, ok := familyOf(c.ModelType)
	if !ok {
		return vidur.Model{}, fmt.Errorf("model_type %q (%s) is not one of the known dense ones: %s", c.ModelType, strings.Join(c.Architectures, ", "), families)
	}
	heads := or(c.Heads, f.def.Heads)
	m := vidur.Model{
		Name: name, Layers: or(c.Layers), Hidden: or(c.Hidden), QHeads: heads, KVHeads: or(c.KVHeads, f.def.KVHeads, &heads),
		HeadDim: or(c.HeadDim, f.def.HeadDim), FFN: or(c.FFN, c.FFNofOPT), Vocab: or(c.Vocab, f.def.Vocab),
		MaxPositions: or(c.MaxPositions, f.def.MaxPositions),
		Gated:        !f.plain, LayerNorm: f.layerNorm, NoPostNorm: f.oneNorm,
		TiedEmbed: f.tied, QKVBias: f.bias,
	}
	if c.Tied != nil {
		m.TiedEmbed = *c.Tied
	}
	if c.Bias != nil {
		m.QKVBias = *c.Bias
	}
	if m.HeadDim*m.QHeads == m.Hidden {
		m.HeadDim = 0 // it goes without saying
	}
	if c.EmbedOfOPT != nil && *c.EmbedOfOPT != m.Hidden {
		return m, fmt.Errorf("word_embed_proj_dim %d differs from hidden_size %d, which is not modelled", *c.EmbedOfOPT, m.Hidden)
	}
	return m, checkModel(&m)
}

// refuse names what is not modelled.
func (c *hfConfig) refuse() error {
	for _, e := range []struct {
		key string
		n   *int
	}{
		{"num_local_experts", c.LocalExperts}, {"num_experts", c.Experts},
		{"n_routed_experts", c.RoutedExperts}, {"moe_num_experts", c.MoEExperts},
	} {
		if or(e.n) > 1 {
			return fmt.Errorf("%s is %d: mixtures of experts are not modelled", e.key, *e.n)
		}
	}
	if or(c.KVRank) > 0 {
		return fmt.Errorf("kv_lora_rank is %d: latent attention is not modelled", *c.KVRank)
	}
	if len(c.Quant) > 0 && string(c.Quant) != "null" {
		return fmt.Errorf("there is a quantization_config: only fp16 and bf16 weights are modelled")
	}
	for _, d := range []string{c.DType, c.NewDType} {
		if d != "" && !slices.Contains([]string{"float16", "bfloat16", "float32", "auto"}, strings.TrimPrefix(d, "torch.")) {
			return fmt.Errorf("weights are %s: only fp16 and bf16 are modelled", d)
		}
	}
	return nil
}

// or is the first value that is there, else 0.
func or(values ...*int) int {
	for _, v := range values {
		if v != nil {
			return *v
		}
	}
	return 0
}
