// Package zmtp is the part of ZeroMQ that a Jupyter kernel needs: the bound side
// of ROUTER, XPUB and REP sockets over TCP and Unix sockets, in version 3.0 of its
// protocol with the mechanism NULL (https://rfc.zeromq.org/spec/23). It speaks to
// libzmq 4 and knows nothing of Jupyter.
//
//	sock, err := zmtp.Listen(zmtp.Router, "tcp", "127.0.0.1:0", zmtp.Options{})
//	for {
//		m, err := sock.Recv()
//		if err != nil {
//			return // closed
//		}
//		err = sock.Send(m.From, m.Frames)
//	}
//
// # A slow peer
//
// What is sent waits in a queue of each peer; nothing is ever reordered.
// [Socket.Send] and [Socket.Publish] do not wait and lose nothing. [Socket.Offer]
// is for messages that can be spared: it waits for room in the queue, and drops
// them after a while for that peer alone, and counts that. A peer that reads
// nothing while Options.MaxQueue bytes gather for it is disconnected.
package zmtp
