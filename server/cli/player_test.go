package cli_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"image/jpeg"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/server/cli"
)

// A player plays a session over stdin and stdout, in a synctest bubble: what the
// program does is the same each time, to the millisecond.
type player struct {
	t      *testing.T
	stderr buffer
	era    string
	stdin  io.WriteCloser
	lines  chan []byte // of stdout
	done   chan error
	lastID int
	script strings.Builder
}

// play returns the script with what the program of this command line answered.
func play(t *testing.T, era, args, script string) string {
	t.Helper()
	p := open(t, era, args)
	p.initialize()
	for line := range strings.Lines(script) {
		p.act(strings.TrimSuffix(line, "\n"))
	}
	p.end()
	return p.script.String()
}

func open(t *testing.T, era, args string) *player {
	t.Helper()
	return openIn(t, environment{}, era, args)
}

func openIn(t *testing.T, env environment, era, args string) *player {
	t.Helper()
	stdin, input := io.Pipe()
	output, stdout := io.Pipe()
	p := &player{t: t, era: era, stdin: input, lines: make(chan []byte, 1000), done: make(chan error, 1)}
	go func() { // ends with stdin; end waits for it
		err := cli.Run(t.Context(), cli.Program{Version: "v1.2.3"}, strings.Fields(args), env.get, stdin, stdout, &p.stderr)
		_ = stdout.Close()
		p.done <- err
	}()
	go func() { // ends with stdout
		defer close(p.lines)
		in := bufio.NewReader(output)
		for line, err := in.ReadBytes('\n'); err == nil; line, err = in.ReadBytes('\n') {
			p.lines <- line
		}
	}()
	t.Cleanup(func() { // where the test broke off
		_ = input.Close()
		for range p.lines {
		}
	})
	return p
}

// act does what a line of the script says, and writes the line and what came of
// it into the new script. The answers of the old one are left out.
func (p *player) act(line string) {
	verb, rest, _ := strings.Cut(line, " ")
	switch verb {
	case ">": // call a tool and wait for its reply
		p.note("%s", line)
		p.await(p.call(rest))
	case "&": // call a tool and go on
		p.note("%s", line)
		p.call(rest)
		p.showArrived()
	case "?": // list the tools
		p.note("%s", line)
		p.await(p.request("tools/list", ""))
	case "!": // send a message as it stands
		p.note("%s", line)
		p.sendRaw(rest)
	case "~": // let time pass
		p.note("%s", line)
		d, err := time.ParseDuration(rest)
		if err != nil {
			p.t.Fatal(err)
		}
		time.Sleep(d)
		p.showArrived()
	case "<", ".":
	default:
		p.note("%s", line)
	}
}

func (p *player) note(format string, args ...any) {
	fmt.Fprintf(&p.script, format+"\n", args...)
}

// show writes text behind marks that say that the program sent it.
func (p *player) show(text string) {
	text = nonce.ReplaceAllString(text, "${1}NONCE")
	text = instructions.ReplaceAllString(text, "${1}…")
	for line := range strings.Lines(text) {
		p.note("< %s", strings.TrimSuffix(line, "\n"))
	}
}

var (
	// nonce is the one thing that chance decides.
	nonce = regexp.MustCompile(`(UNTRUSTED-WEB-DATA )[A-Z2-7]{8}`)
	// instructions are long, and held by another test.
	instructions = regexp.MustCompile(`("instructions": ")[^"]*`)
)

// initialize sends what a client of 2025-11-25 sends first.
func (p *player) initialize() {
	if p.era != "2025-11-25" {
		return
	}
	p.send(`{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"player","version":"1"}}}`)
	if reply := <-p.lines; !bytes.Contains(reply, []byte(`"protocolVersion":"2025-11-25"`)) {
		p.t.Errorf("got %s", reply)
	}
	p.send(`{"jsonrpc":"2.0","method":"notifications/initialized"}`)
}

// call calls a tool, named with its arguments, and returns the id of the call.
func (p *player) call(text string) (id int) {
	name, arguments, _ := strings.Cut(text, " ")
	return p.request("tools/call", fmt.Sprintf(`"name":%q,"arguments":%s,`, name, arguments))
}

// request sends a request as clients of the era do, and returns its id.
func (p *player) request(method, params string) (id int) {
	p.lastID++
	meta := fmt.Sprintf(`"progressToken":%d`, p.lastID)
	if p.era == "2026-07-28" {
		meta += `,"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}`
	}
	p.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":%q,"params":{%s"_meta":{%s}}}`, p.lastID, method, params, meta))
	return p.lastID
}

// sendRaw sends a message and shows all that comes until its reply as it is.
func (p *player) sendRaw(text string) {
	p.send(text)
	var sent message
	if err := json.Unmarshal([]byte(text), &sent); err == nil && sent.ID == nil {
		p.showArrived()
		return
	}
	for line := range p.lines {
		p.show(indent(p.t, line))
		if received(p.t, line).Method == "" {
			return
		}
	}
}

// showArrived shows what the program has sent by now.
func (p *player) showArrived() {
	synctest.Wait()
	for range len(p.lines) {
		p.showMessage(<-p.lines)
	}
}

func (p *player) send(text string) {
	if _, err := io.WriteString(p.stdin, text+"\n"); err != nil {
		p.t.Fatal(err)
	}
}

// message is what the player has to know of a line.
type message struct {
	ID     json.RawMessage
	Method string
	Params struct {
		Progress float64
		Message  string
	}
	Result struct {
		Tools             []struct{ Name string }
		Content           []content
		StructuredContent json.RawMessage
		IsError           bool
	}
	Error *struct {
		Code    int
		Message string
	}
}

// content is a block of a result.
type content struct {
	Type, Text, MIMEType string

	Data []byte
}

// picture describes an image.
func (c content) picture(t *testing.T) string {
	t.Helper()
	img, err := jpeg.DecodeConfig(bytes.NewReader(c.Data))
	if err != nil || c.Type != "image" {
		t.Fatalf("a block of type %q is no image: %v", c.Type, err)
	}
	return fmt.Sprintf("%s of %d × %d", c.MIMEType, img.Width, img.Height)
}

func received(t *testing.T, line []byte) message {
	t.Helper()
	var m message
	if err := json.Unmarshal(line, &m); err != nil {
		t.Fatalf("%v in %s", err, line)
	}
	return m
}

// await shows what comes until the reply of a call.
func (p *player) await(id int) {
	for line := range p.lines {
		if m := p.showMessage(line); string(m.ID) == strconv.Itoa(id) {
			return
		}
	}
	p.t.Fatalf("no reply to %d", id)
}

// showMessage shows a reply in one form: where a result is structured, its text
// has to be the same JSON.
func (p *player) showMessage(line []byte) message {
	m := received(p.t, line)
	switch r := m.Result; {
	case m.Method == "notifications/progress":
		p.note(". %.1f s  %s", m.Params.Progress, m.Params.Message)
	case m.Error != nil:
		p.show(fmt.Sprintf("error %d: %s", m.Error.Code, m.Error.Message))
	case r.Tools != nil:
		for _, tool := range r.Tools {
			p.show(tool.Name)
		}
	case r.IsError:
		p.show("isError\n" + r.Content[0].Text)
	case r.StructuredContent != nil:
		text := indent(p.t, []byte(r.Content[0].Text))
		if diff := cmp.Diff(decoded(p.t, r.StructuredContent), decoded(p.t, []byte(text))); diff != "" {
			p.t.Errorf("the text is not the structured content (-structured +text):\n%s", diff)
		}
		p.show(text)
		for _, beside := range r.Content[1:] {
			p.show(beside.picture(p.t))
		}
	default:
		p.show(r.Content[0].Text)
	}
	return m
}

func indent(t *testing.T, raw []byte) string {
	t.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, bytes.TrimSpace(raw), "", "  "); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func decoded(t *testing.T, raw []byte) (value any) {
	t.Helper()
	in := json.NewDecoder(bytes.NewReader(raw))
	in.UseNumber()
	if err := in.Decode(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

// end hangs up, and shows what the program sends before it ends.
func (p *player) end() {
	_ = p.stdin.Close()
	for line := range p.lines {
		p.showMessage(line)
	}
	if err := <-p.done; err != nil {
		p.t.Errorf("the program ended with %v", err)
	}
}
