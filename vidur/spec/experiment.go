// Package spec is what people write down and what it means: experiments, as
// short flags, as a file, or as the flat flags of the original simulator, and
// the vidur.Config that follows. It is the only place that knows policies,
// workloads and predictors by name.
package spec

// Experiment says what is simulated. Every field is a key of an experiment file
// and a flag of the same name; see [Params]. Zero numbers mean the default that
// the field's text names.
type Experiment struct {
	Model     string
	Device    string
	Node      string
	TP        int
	PP        int
	Replicas  int
	Margin    float64
	BlockSize int
	Blocks    int
	MaxTokens int

	Scheduler   string
	Router      string
	MaxBatch    int
	BatchTokens int
	Chunk       int
	Watermark   float64
	MaxWaits    int

	Workload    string
	Requests    int
	Duration    float64
	Arrivals    string
	QPS         float64
	CV          float64
	Prompt      int
	Output      int
	MinTokens   int
	Ratio       float64
	Theta       float64
	Scramble    bool
	Trace       string
	PromptScale float64
	OutputScale float64
	Times       string
	TimesFrom   string
	TimesTo     string
	TimeScale   float64
	File        string
	Concurrency int
	Think       float64
	ThinkExp    bool
	RangeRatio  float64

	OpTimes         string
	AIConfigurator  string
	Backend         string
	BackendVersion  string
	AllReduce       string
	AllowMissing    bool
	NCCLLaunch      float64
	NCCLSkew        float64
	DecodeOverhead  float64
	PrefillOverhead float64
	CPUMs           float64
	CPUPerSequence  float64
	SkipCPU         bool
	Estimator       string
	Trees           string
	TreeDepth       string
	MinSplit        string
	Degree          string
	PolyBias        string
	PolyInteraction string
	PolyIntercept   string
	Folds           int
	FoldsAsTheyCome bool
	FoldsDraw       bool
	KVStep          int
	Cache           string
	ComputeFile     string
	AttentionFile   string
	AllReduceFile   string
	SendRecvFile    string
	CPUFile         string

	Seed          uint64
	GeneratorSeed uint64
	LengthSeed    uint64
	Until         float64
	Original      bool
	Data          string
	Catalog       string

	SLOTTFT  float64
	SLOTBT   float64
	SLOE2E   float64
	Sketches bool

	RequestMetrics bool
	BatchMetrics   bool
	Utilization    bool
	Operations     bool
	PerBatch       bool
	TokenTimes     bool
	Plots          bool
	FirstBatch     int
	LastBatch      int
	Subsamples     int
	Chrome         bool
	ChromeLimit    int
	Events         bool
	Out            string
	OutputDir      string
	WandbProject   string
	WandbGroup     string
	WandbName      string

	from *originalConfig // the original's flags it was made from, if it was; for what has no field here
}

// Default is what `vidur simulate` runs without arguments: 1000 requests of the
// Azure conversation trace, 8 a second, on one H100.
func Default() *Experiment {
	return &Experiment{
		Model: "meta-llama/Meta-Llama-3-8B", Device: "h100", TP: 1, PP: 1, Replicas: 1, Margin: 0.1,
		Scheduler: "sarathi", Router: "round_robin", MaxBatch: 128, Chunk: 512, Watermark: 0.01, MaxWaits: 10,
		Workload: "azure-conv-2023", Arrivals: "poisson", QPS: 8, CV: 1, Prompt: 2048, Output: 512,
		MinTokens: 1024, Ratio: 20, Theta: 0.6, PromptScale: 1, OutputScale: 1, TimeScale: 1,
		Estimator: "forest", Trees: "250", TreeDepth: "8,16,32", MinSplit: "2,5,10", Folds: 10, KVStep: 64,
		Degree: "1,2,3,4,5", PolyBias: "true,false", PolyInteraction: "true,false", PolyIntercept: "true,false",
		NCCLLaunch: 0.02, DecodeOverhead: 0.1, PrefillOverhead: 0.1,
		Seed: 42, GeneratorSeed: 42, LengthSeed: 42,
		RequestMetrics: true, BatchMetrics: true, Utilization: true, Plots: true, Chrome: true, ChromeLimit: 100_000, OutputDir: "simulator_output",
	}
}
