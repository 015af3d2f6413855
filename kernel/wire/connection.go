package wire

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"runtime"
	"strconv"
)

// Connection is where a kernel listens and how it signs: the content of a
// connection file.
type Connection struct {
	Transport string `json:"transport"` // tcp or ipc
	IP        string `json:"ip"`        // for ipc the beginning of the paths of its sockets
	Shell     int    `json:"shell_port"`
	Control   int    `json:"control_port"`
	Stdin     int    `json:"stdin_port"`
	IOPub     int    `json:"iopub_port"`
	Heartbeat int    `json:"hb_port"`
	Key       string `json:"key"` // empty: messages are not signed
	Scheme    string `json:"signature_scheme"`
}

// Scheme is the one way to sign messages.
const Scheme = "hmac-sha256"

// ReadConnection reads a connection file.
func ReadConnection(path string) (Connection, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return Connection{}, fmt.Errorf("connection file: %w", err)
	}
	c, err := ParseConnection(b)
	if err != nil {
		return Connection{}, fmt.Errorf("connection file %s: %w", path, err)
	}
	return c, nil
}

// CheckMode is an error if others than the owner of a connection file can read
// its key: whoever has it can run code as its owner. Systems without modes
// have no objection.
func CheckMode(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("connection file: %w", err)
	}
	if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode&0o077 != 0 {
		return fmt.Errorf("connection file %s: its mode %#o lets others read the key and run code as you; it should be 0600", path, mode)
	}
	return nil
}

// ParseConnection reads the content of a connection file. Keys that it does not
// know mean nothing. Port 0 stands for any free port of TCP.
func ParseConnection(b []byte) (Connection, error) {
	var c Connection
	if err := json.Unmarshal(b, &c); err != nil {
		return Connection{}, err
	}
	c.Transport = cmp.Or(c.Transport, "tcp")
	c.Scheme = cmp.Or(c.Scheme, Scheme)
	if c.Transport != "tcp" && c.Transport != "ipc" {
		return Connection{}, fmt.Errorf("transport %q is neither tcp nor ipc", c.Transport)
	}
	if c.Transport == "ipc" && c.IP == "" {
		return Connection{}, fmt.Errorf("ip is empty: ipc needs the beginning of a path")
	}
	if c.Transport == "tcp" {
		c.IP = cmp.Or(c.IP, "127.0.0.1")
	}
	if c.Key != "" && c.Scheme != Scheme {
		return Connection{}, fmt.Errorf("signature_scheme %q is not %s", c.Scheme, Scheme)
	}
	for _, p := range []int{c.Shell, c.Control, c.Stdin, c.IOPub, c.Heartbeat} {
		if p < 0 || p > 65535 {
			return Connection{}, fmt.Errorf("port %d is not in 0 to 65535", p)
		}
	}
	return c, nil
}

// Address is the network and the address of a port, as net.Listen takes them.
func (c Connection) Address(port int) (network, addr string) {
	if c.Transport == "ipc" {
		return "unix", c.IP + "-" + strconv.Itoa(port)
	}
	ip := c.IP
	if ip == "*" {
		ip = "" // every address, in ZeroMQ's words
	}
	return "tcp", net.JoinHostPort(ip, strconv.Itoa(port))
}
