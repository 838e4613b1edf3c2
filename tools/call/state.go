package call

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

// stateLife is how long a question to the user can be answered.
const stateLife = time.Hour

// Why a request state is refused.
var (
	ErrStateUnknown = errors.New("the request state was not made by this process for this call")
	ErrStateExpired = errors.New("the request state has expired")
)

// A State is what a client carries from a question to its answer: the task of the
// question. It is no secret, but only a signed one counts.
type State struct {
	TaskID schemas.ID `json:"task_id"`
	Until  int64      `json:"until"` // Unix time in seconds
}

// A Signer signs states, each for one call. Its key is of this process, so no state
// outlives it.
type Signer struct{ key [32]byte }

// NewSigner returns a signer with a random key.
func NewSigner() *Signer {
	s := &Signer{}
	_, _ = rand.Read(s.key[:]) // never fails
	return s
}

// Sign makes the state of a call, which the parts of bound identify: the caller, the tool
// and its arguments. It expires an hour after now.
func (s *Signer) Sign(taskID schemas.ID, now time.Time, bound ...string) string {
	body, _ := json.Marshal(State{taskID, now.Add(stateLife).Unix()}) // a string and a number
	return encode(body) + "." + encode(s.sum(body, bound))
}

// Verify returns the state of a call. The errors are ErrStateUnknown, with which the state
// is only what the client claims, and ErrStateExpired.
func (s *Signer) Verify(signed string, now time.Time, bound ...string) (State, error) {
	var state State
	text, signature, _ := strings.Cut(signed, ".")
	body, err := decode(text)
	if err != nil || json.Unmarshal(body, &state) != nil {
		return State{}, ErrStateUnknown
	}
	sum, err := decode(signature)
	if err != nil || !hmac.Equal(sum, s.sum(body, bound)) {
		return state, ErrStateUnknown
	}
	if now.Unix() >= state.Until {
		return state, ErrStateExpired
	}
	return state, nil
}

func (s *Signer) sum(body []byte, bound []string) []byte {
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
