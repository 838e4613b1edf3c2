package tools

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/browseract/browseract-mcp/schemas"
)

// ticketFor is how long a question to a person can be answered.
const ticketFor = time.Hour

var (
	errTicketForeign = errors.New("the request state was not made here for this call")
	errTicketOld     = errors.New("the request state is too old")
)

// A ticket is what a client carries from a question to its answer: which task the
// question was about. It is no secret, but only one that was sealed here counts.
type ticket struct {
	TaskID schemas.ID `json:"task_id"`
	Until  int64      `json:"until"` // Unix time
}

// A seal signs tickets, each for the one call that it was given to. Its key is of
// this process, so that no ticket outlives it.
type seal struct{ key [32]byte }

func newSeal() *seal {
	s := &seal{}
	_, _ = rand.Read(s.key[:]) // never fails
	return s
}

// issue makes a ticket for the call that the words of bound tell from others: the
// caller, the tool and its arguments.
func (s *seal) issue(task schemas.ID, now time.Time, bound ...string) string {
	body, _ := json.Marshal(ticket{task, now.Add(ticketFor).Unix()}) // a string and a number
	return encode(body) + "." + encode(s.sign(body, bound))
}

// open returns the ticket of a call. With errTicketForeign the ticket is what the
// caller claims; nothing of it is known to be true.
func (s *seal) open(state string, now time.Time, bound ...string) (ticket, error) {
	var t ticket
	text, signature, _ := strings.Cut(state, ".")
	body, err := decode(text)
	if err != nil || json.Unmarshal(body, &t) != nil {
		return ticket{}, errTicketForeign
	}
	sum, err := decode(signature)
	if err != nil || !hmac.Equal(sum, s.sign(body, bound)) {
		return t, errTicketForeign
	}
	if now.Unix() >= t.Until {
		return t, errTicketOld
	}
	return t, nil
}

func (s *seal) sign(body []byte, bound []string) []byte {
	mac := hmac.New(sha256.New, s.key[:])
	for _, part := range append([]string{string(body)}, bound...) {
		// With its length before it no part can run into the next.
		_ = binary.Write(mac, binary.BigEndian, uint64(len(part)))
		mac.Write([]byte(part))
	}
	return mac.Sum(nil)
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func decode(s string) ([]byte, error) { return base64.RawURLEncoding.DecodeString(s) }
