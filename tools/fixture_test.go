package tools_test

import (
	"bytes"
	"context"
	"encoding/json"
	"hash/fnv"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools"
	"github.com/browseract/browseract-mcp/tools/download"
	"github.com/browseract/browseract-mcp/tools/ledger"
)

// A testServer is an MCP server with all tools over a simulated account, called by
// messages, as a client calls it.
type testServer struct {
	t        *testing.T
	account  *simulator.Account
	network  *simulator.Server
	client   *browseract.Client
	mcp      *mcpserver.MCPServer
	log      *syncBuffer
	closing  chan struct{}
	onAnswer func(tool string, a answer) // called with every answer, if not nil
}

type serverOption func(*tools.Config)

// newServer makes a server on an account. In a synctest bubble its time is the
// bubble's.
func newServer(t *testing.T, account *simulator.Account, opts ...serverOption) *testServer {
	t.Helper()
	network := account.Start()
	t.Cleanup(network.Close)
	return newServerOn(t, &testServer{account: account, network: network}, opts...)
}

// newServerOn makes another server on the account of a server.
func newServerOn(t *testing.T, other *testServer, opts ...serverOption) *testServer {
	t.Helper()
	srv := &testServer{t: t, account: other.account, network: other.network, log: &syncBuffer{}, closing: make(chan struct{})}
	client, err := browseract.New(func(context.Context) string { return simulator.Key },
		browseract.WithBaseURL(srv.network.URL), browseract.WithTransport(srv.network.Transport))
	if err != nil {
		t.Fatal(err)
	}
	srv.client = client
	book, err := ledger.Open(ledger.InMemory)
	if err != nil {
		t.Fatal(err)
	}
	cfg := tools.Config{
		Client:  client,
		Logger:  slog.New(slog.NewTextHandler(srv.log, nil)),
		Closing: srv.closing,
		Ledger:  book,
		Caller:  oneCaller,
		KeyHelp: "Set BROWSERACT_API_KEY.",
		Files:   download.NewWithTransport(srv.network.Transport),
	}
	for _, opt := range opts {
		opt(&cfg)
	}
	offer, err := tools.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	srv.mcp = mcpserver.NewMCPServer("test", "1", mcpserver.WithCompletions(),
		mcpserver.WithPromptCompletionProvider(offer.Completions), mcpserver.WithResourceCompletionProvider(offer.Completions))
	srv.mcp.AddTools(offer.Tools...)
	srv.mcp.AddResourceTemplates(offer.Resources...)
	srv.mcp.AddPrompts(offer.Prompts...)
	return srv
}

// An answer is the result of one call.
type answer struct {
	t          *testing.T
	Text       string
	Structured json.RawMessage
	Picture    []byte // nil: the result has none
	IsError    bool
	Meta       map[string]any
	Progress   []map[string]any
	RPCError   string
}

// call calls a tool with arguments as raw JSON; a context that asks for progress
// is made by withToken.
func (srv *testServer) call(ctx context.Context, tool, arguments string) answer {
	srv.t.Helper()
	meta := ""
	if wantsProgress(ctx) {
		meta = `,"_meta":{"progressToken":"p"}`
	}
	if arguments == "" {
		arguments = "null"
	}
	s := &listener{notifications: make(chan mcp.JSONRPCNotification, 1000)}
	message := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"` + tool + `","arguments":` + arguments + meta + `}}`
	reply := srv.mcp.HandleMessage(srv.mcp.WithContext(ctx, s), json.RawMessage(message))
	raw, err := json.Marshal(reply)
	if err != nil {
		srv.t.Fatal(err)
	}
	a := readAnswer(srv.t, raw, s)
	checkResult(srv.t, srv.mcp.GetTool(tool), a)
	if srv.onAnswer != nil {
		srv.onAnswer(tool, a)
	}
	return a
}

func readAnswer(t *testing.T, raw []byte, s *listener) answer {
	t.Helper()
	var wire struct {
		Result struct {
			Content []struct {
				Type, Text string

				Data []byte
			}
			StructuredContent json.RawMessage
			IsError           bool
			Meta              map[string]any `json:"_meta"`
		}
		Error *struct{ Message string }
	}
	if err := json.Unmarshal(raw, &wire); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	a := answer{t: t, Structured: wire.Result.StructuredContent, IsError: wire.Result.IsError, Meta: wire.Result.Meta, Progress: s.drain()}
	if wire.Error != nil {
		a.RPCError = wire.Error.Message
	}
	for _, c := range wire.Result.Content {
		a.Text += c.Text
		if c.Type == "image" {
			a.Picture = c.Data
		}
	}
	return a
}

// task decodes a result that has to be a task.
func (a answer) task() schemas.Task {
	a.t.Helper()
	var task schemas.Task
	if a.IsError || a.RPCError != "" {
		a.t.Fatalf("got an error: %s%s", a.Text, a.RPCError)
	}
	if err := json.Unmarshal([]byte(a.Text), &task); err != nil {
		a.t.Fatalf("%v in %s", err, a.Text)
	}
	return task
}

// A problem is the last line of an error, for programs.
type problem struct {
	Code       string
	Message    string
	Retryable  bool
	RetryAfter int               `json:"retry_after_seconds"`
	TraceID    string            `json:"trace_id"`
	APICode    int               `json:"api_code"`
	NextStep   *schemas.NextStep `json:"next_step"`
}

// problem decodes a result that has to be an error.
func (a answer) problem() problem {
	a.t.Helper()
	if !a.IsError {
		a.t.Fatalf("got no error but %q %s", a.Text, a.RPCError)
	}
	if len(a.Structured) > 0 {
		a.t.Errorf("an error carries structured content: %s", a.Structured)
	}
	sentence, line, _ := strings.Cut(strings.TrimSpace(a.Text), "\n{")
	var wire struct{ Error problem }
	if err := json.Unmarshal([]byte("{"+line), &wire); err != nil {
		a.t.Fatalf("%v in the last line of %q", err, a.Text)
	}
	if sentence == "" || sentence != wire.Error.Message {
		a.t.Errorf("the sentence %q is not the message %q", sentence, wire.Error.Message)
	}
	return wire.Error
}

// A listener is a session that receives progress.
type listener struct {
	notifications chan mcp.JSONRPCNotification
}

func (l *listener) SessionID() string                                   { return "listener" }
func (l *listener) NotificationChannel() chan<- mcp.JSONRPCNotification { return l.notifications }
func (l *listener) Initialize()                                         {}
func (l *listener) Initialized() bool                                   { return true }

func (l *listener) drain() []map[string]any {
	var all []map[string]any
	for {
		select {
		case n := <-l.notifications:
			all = append(all, n.Params.AdditionalFields)
		default:
			return all
		}
	}
}

type tokenKey struct{}

func withProgressToken(ctx context.Context) context.Context {
	return context.WithValue(ctx, tokenKey{}, true)
}
func wantsProgress(ctx context.Context) bool { return ctx.Value(tokenKey{}) != nil }

// A syncBuffer is a log that is written and read at once.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// posts returns how many runs were asked of the account.
func posts(account *simulator.Account) int {
	n := 0
	for _, r := range account.Requests() {
		if strings.HasPrefix(r.Endpoint, "run-task") {
			n++
		}
	}
	return n
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

func marshal(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// cancelled returns the context of a call that its client cancels after d. It has
// no deadline: a server does not know the timeout of its client.
func cancelled(d time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	timer := time.AfterFunc(d, cancel)
	return ctx, func() { timer.Stop(); cancel() }
}

func templateRun(keywords string) browseract.TemplateRun {
	return browseract.TemplateRun{TemplateID: googleMaps, Inputs: []browseract.Input{{Name: "keywords", Value: keywords}}}
}

// oneCaller is the caller of every call.
func oneCaller(context.Context) string { return ledger.HashCaller(simulator.Key) }

// newAccount returns an account whose replies are not compressed: the tests of package
// browseract cover compression, which is a tenth of the time of these.
func newAccount(opts ...simulator.Option) *simulator.Account {
	return simulator.New(append(slices.Clone(opts), simulator.WithoutGzip())...)
}

// skipInRace skips all but one in fewerSeeds of the cases of a matrix under the race
// detector. The choice depends on the case's name alone.
func skipInRace(t *testing.T) {
	t.Helper()
	h := fnv.New32a()
	_, _ = h.Write([]byte(t.Name()))
	if h.Sum32()%fewerSeeds != 0 {
		t.Skip("played without the race detector")
	}
}

// maxRounds bounds every loop that calls until something happens.
const maxRounds = 200

// waitUntil calls get_task until its answer is as wanted.
func (srv *testServer) waitUntil(id string, wanted func(schemas.Task) bool) schemas.Task {
	srv.t.Helper()
	var task schemas.Task
	for range maxRounds {
		if task = srv.call(context.Background(), "get_task", taskArgument(id)).task(); wanted(task) {
			return task
		}
	}
	srv.t.Fatalf("after %d calls: %+v", maxRounds, task)
	return task
}

// waitForEnd calls get_task until the task has ended.
func (srv *testServer) waitForEnd(id string) schemas.Task {
	srv.t.Helper()
	return srv.waitUntil(id, func(task schemas.Task) bool { return task.Done })
}

// waitForPause calls get_task until the task waits for the user.
func (srv *testServer) waitForPause(id string) schemas.Task {
	srv.t.Helper()
	return srv.waitUntil(id, func(task schemas.Task) bool { return task.NeedsHuman })
}

// runUntilAccepted runs a workflow again for as long as the answer is a retryable error.
func (srv *testServer) runUntilAccepted(workflow string) answer {
	srv.t.Helper()
	for range maxRounds {
		a := srv.run(workflow, "")
		if !strings.Contains(a.Text, `"retryable":true`) {
			return a
		}
		time.Sleep(20 * time.Second)
	}
	srv.t.Fatalf("%s is refused %d times", workflow, maxRounds)
	return answer{}
}

// receive receives a value, or fails the test after an hour, of the bubble's time.
func receive[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(time.Hour):
		t.Fatal("nothing was sent for an hour")
		panic("unreachable")
	}
}
