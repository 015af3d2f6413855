//go:build !unix

package cells

import "time"

// cpuTime is not known here.
func cpuTime() time.Duration { return 0 }
