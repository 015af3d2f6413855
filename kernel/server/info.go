package server

import (
	"context"
	"os"
	"runtime"
	"strings"

	"github.com/govidur/govidur/kernel/wire"
)

// kernelInfo says what the kernel and its language are.
func (s *Server) kernelInfo(context.Context, *request) any {
	return object{
		"status":                 "ok",
		"protocol_version":       wire.Version,
		"implementation":         s.opt.Implementation,
		"implementation_version": s.opt.Version,
		"banner":                 s.opt.Banner,
		"help_links":             list(s.opt.Help),
		"supported_features":     []string{},
		"language_info": object{
			"name":               "go",
			"version":            strings.TrimPrefix(runtime.Version(), "go"),
			"mimetype":           "text/x-go",
			"file_extension":     ".go",
			"pygments_lexer":     "go",
			"codemirror_mode":    "go",
			"nbconvert_exporter": "script",
		},
	}
}

// connectInfo lists the ports.
func (s *Server) connectInfo(context.Context, *request) any {
	return object{
		"status":       "ok",
		"shell_port":   s.conn.Shell,
		"control_port": s.conn.Control,
		"stdin_port":   s.conn.Stdin,
		"iopub_port":   s.conn.IOPub,
		"hb_port":      s.conn.Heartbeat,
	}
}

// usageInfo says what the kernel, and the process of its Runner, take of the
// machine, in the fields that ipykernel made and JupyterLab shows.
func (s *Server) usageInfo(context.Context, *request) any {
	pids := []int{os.Getpid()}
	if run, ok := s.run.(ProcessRunner); ok {
		if pid := run.PID(); pid > 0 && pid != pids[0] {
			pids = append(pids, pid)
		}
	}
	host, _ := os.Hostname() // a nameless host has no name
	memory, cpu := s.usage.of(pids)
	return object{
		"status":        "ok",
		"hostname":      host,
		"pid":           pids[0],
		"kernel_memory": memory,
		"kernel_cpu":    cpu,
		"cpu_count":     runtime.NumCPU(),
	}
}
