package server

import (
	"bytes"
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"
)

// usage remembers when processor time was last read, for the share since then.
type usage struct {
	mu   sync.Mutex
	at   time.Time
	used time.Duration
}

// tick is the unit of times in /proc, the same on all architectures that Go has
// (proc_pid_stat(5), USER_HZ).
const tick = 10 * time.Millisecond

// of returns the resident bytes of processes, and their processor time since the
// last call in percent of one core. Without /proc there are only the bytes that
// this process has from the system.
func (u *usage) of(pids []int) (memory uint64, cpu float64) {
	var used time.Duration
	for _, pid := range pids {
		m, t := ofProcess(pid)
		memory += m
		used += t
	}
	if memory == 0 {
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		memory = stats.Sys
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	now := time.Now()
	if !u.at.IsZero() && used > u.used {
		cpu = 100 * (used - u.used).Seconds() / now.Sub(u.at).Seconds()
	}
	u.at, u.used = now, used
	return memory, cpu
}

func ofProcess(pid int) (memory uint64, used time.Duration) {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, 0
	}
	return parseStat(stat)
}

// parseStat reads fields 14, 15 and 24 of a stat file (proc_pid_stat(5)). The name
// of the program, field 2, is in brackets and may have any characters.
func parseStat(stat []byte) (memory uint64, used time.Duration) {
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 22 {
		return 0, 0
	}
	number := func(field int) uint64 {
		n, err := strconv.ParseUint(string(fields[field-3]), 10, 63)
		if err != nil {
			return 0
		}
		return n
	}
	return number(24) * uint64(os.Getpagesize()), time.Duration(number(14)+number(15)) * tick
}
