// Package breakdown says where the time of each request went: every moment from
// its arrival to its last token is in exactly one [Part], in front of the
// cluster, waiting for a slot, for tokens of a batch or for KV blocks, preempted,
// in a pipeline bubble, slowed down by the prompts of others, and so on.
//
//	var rec breakdown.Recorder
//	_, err := run.Simulate(ctx, &rec)
//	for _, r := range rec.Requests() {
//		fmt.Println(r.ID, r.E2E(), r.All()[breakdown.Memory], r.TTFT[breakdown.Interference])
//	}
//	fmt.Println(breakdown.Mean(rec.Requests(), (*breakdown.Request).All)) // in words
//
// # Exact sums
//
// The time of every event is rounded to the nearest multiple of 2^-30 s (0.93 ns)
// and the parts are differences of such times. Below 2^23 s (97 days) these and
// their sums are exact as float64, in any order: the parts of a request sum to
// [Request.E2E], those up to the first token to the TTFT, those after it to the
// rest. E2E itself is within 2^-30 s of CompletedAt - At. Times beyond 2^32 s
// count as 2^32 s.
//
// # How reasons are found
//
// From the events alone, so for any scheduler. When a replica's scheduler was
// asked, those who wait for their first batch wait, until it is asked again, for
// what the head of Waiting waits for: they stand behind it. That is what the
// scheduler or the helpers it uses have noted in [vidur.Replica.Lacks]; else what
// the Recorder's Limits say; else Memory if the blocks of the head's prompt are
// not free; else it is the Policy's choice. Nobody needs to note anything, but a
// scheduler that uses no helper and notes nothing has its slots and tokens
// explained as Policy, unless the Recorder knows its Limits.
//
// Interference is asked of the predictor: the time of the operators for the batch
// less that for the same batch without the prompts of others, stage by stage. For
// that the predictor is called once more for a batch that mixes decodes with
// prompts, and once for each prompt if there are several. It must therefore be a
// function of the batch, which one that replicas share has to be anyway.
//
// Compute is what is left of the iterations a request is in. It includes that the
// batch is shared with the decodes of others.
package breakdown
