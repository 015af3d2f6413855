package lower

import "syscall"

// limitMemory keeps a program that runs away from taking the machine with it.
func limitMemory() {
	const most = 8 << 30
	_ = syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: most, Max: most})
}
