package browseract

// NewTransport is the transport of clients that are given none.
var NewTransport = newTransport
