// Package vidurtest checks policies: schedulers, routers and whole
// configurations of package vidur.
//
// [Laws] is a recorder that knows what must hold in every run whatever the
// policy decides, and names the first event at which it does not:
//
//	requests   every request is in one place, and none is lost or doubled
//	tokens     a request gets further by what its batches carry, and by no more
//	causality  a request arrives, is scheduled, started, answered, completed
//	stages     a stage works on one batch at a time, in order of arrival
//	memory     the blocks in use are the blocks that live requests hold
//	clock      time does not run backwards
//	pipeline   a replica has at most PP batches in flight
//	work       a replica does not idle although its policy would take a request
//	events     their number is linear in batches and requests
//	order      on demand: first come, first served
//	isolation  replicas do not share state; Search only
//	time       every moment of a request is in one part of its breakdown; Breakdown only
//
// [Run] runs a configuration under the laws. [Check] does so for one policy and
// many random small workloads, and shows the smallest that breaks a law:
//
//	func TestMine(t *testing.T) { vidurtest.Check(t, newMine, vidurtest.FirstComeFirstServed()) }
//
// [Search] is the same for hosts of other people's policies, which may panic, hang
// and be slow. [CheckRouter] is for a router, [Scripts] compares what a policy does
// in a few hand-made situations with readable text files, and [Digest] tells
// whether two runs were the same to the last bit.
package vidurtest
