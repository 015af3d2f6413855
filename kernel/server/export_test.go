package server

import "github.com/govidur/govidur/kernel/wire"

// At stands for a server of another process.
func At(conn wire.Connection) *Server { return &Server{conn: conn} }
