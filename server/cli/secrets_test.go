package cli_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
)

// secretsShown are what answers hold for the user, and no log may.
var secretsShown = regexp.MustCompile(`"live_url": "([^"]+)"|X-Amz-Signature=(\w+)`)

// secretEnvironment is what a user's shell may hold.
var secretEnvironment = environment{
	"BROWSERACT_API_KEY": "app-canaryOfTheKey", "BROWSERACT_API_URL": "https://user:canaryOfTheAddress@api.example",
	"HTTPS_PROXY": "http://user:canaryOfTheProxy@proxy.example:3128", "AWS_SECRET_ACCESS_KEY": "canaryOfAnother",
}

// TestLogOfTheProgramHoldsNoSecret runs all workflows to their ends, with all that
// can be logged, and searches the log for what the answers held.
func TestLogOfTheProgramHoldsNoSecret(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := openIn(t, secretEnvironment, "2025-11-25", "--simulator --log-level=debug --log-format="+format)
				p.initialize()
				// Its size is the same in both formats, and takes long to be read.
				ids := runEverything(p, func(w simulator.Workflow) bool { return format == "text" || w.Name != "Twenty Megabytes" })
				readBeside(p, ids[:3])
				p.end()
				log := p.stderr.String()
				if !strings.Contains(log, "get_task_output") {
					t.Errorf("the log has no calls: %.300s", log)
				}
				shown := secretsShown.FindAllStringSubmatch(p.script.String(), -1)
				if len(shown) < 10 {
					t.Errorf("the answers hold %d secrets only", len(shown))
				}
				for _, secret := range append(shown, []string{"the key", simulator.Key, ""}) {
					if strings.Contains(log, secret[1]+secret[2]) {
						t.Errorf("the log holds %s", secret[0])
					}
				}
				if strings.Contains(log+p.script.String(), "canary") {
					t.Error("the log or an answer holds something of the environment")
				}
			})
		})
	}
}

// TestDoctorHoldsNoSecret looks at a configuration that holds a key, with secrets
// all around it.
func TestDoctorHoldsNoSecret(t *testing.T) {
	t.Parallel()
	env := at(t.TempDir())
	maps.Copy(env, secretEnvironment)
	config := configOf(t, env["HOME"], `{"mcpServers": {"browseract": {"command": "browseract-mcp-canaryOfTheCommand", "args": ["--api-url=https://user:canaryOfAnArgument@api.example"], "env": {"BROWSERACT_API_KEY": "app-canaryOfTheEntry"}}}}`)
	for _, args := range [][]string{{"doctor"}, {"doctor", "--json"}} {
		got := run(t.Context(), env, "", append(args, "--api-url=http://127.0.0.1:9")...)
		text := strings.ReplaceAll(got.stdout+got.stderr+got.message(), "canaryOfTheCommand", "")
		if got.err == nil || !strings.Contains(text, config) && !strings.Contains(text, filepath.Base(config)) || strings.Contains(text, "canary") {
			t.Errorf("%v: %v, and it holds a secret, or is empty:\n%s", args, got.err, text)
		}
	}
}

// runEverything runs the workflows to their ends, and returns the ids of the tasks.
func runEverything(p *player, runs func(simulator.Workflow) bool) (ids []string) {
	for _, w := range simulator.New().Workflows() {
		if !runs(w) {
			continue
		}
		inputs := map[string]string{}
		for _, in := range w.Inputs {
			inputs[in.Name] = "coffee"
		}
		raw, _ := json.Marshal(inputs)
		p.await(p.call(fmt.Sprintf(`run_workflow {"workflow_id":%q,"inputs":%s,"wait_seconds":0}`, w.ID, raw)))
	}
	for _, found := range regexp.MustCompile(`"task_id": "(\w+)"`).FindAllStringSubmatch(p.script.String(), -1) {
		if !slices.Contains(ids, found[1]) {
			ids = append(ids, found[1])
		}
	}
	for range 2 {
		for _, id := range ids {
			p.await(p.call(fmt.Sprintf(`get_task {"task_id":%q,"include_steps":true,"wait_seconds":1}`, id)))
			p.await(p.call(fmt.Sprintf(`get_task_output {"task_id":%q}`, id)))
		}
		time.Sleep(time.Hour)
	}
	return ids
}

// readBeside asks for what is offered beside tools, and for what there is not.
func readBeside(p *player, ids []string) {
	for _, id := range ids {
		p.ask("resources/read", fmt.Sprintf(`"uri":"browseract://tasks/%s",`, id))
		p.ask("resources/read", fmt.Sprintf(`"uri":"browseract://tasks/%s/output",`, id))
		p.ask("prompts/get", fmt.Sprintf(`"name":"diagnose_task","arguments":{"task_id":%q},`, id))
	}
	for _, secret := range []string{simulator.Key, "https://files.example/?X-Amz-Signature=canaryOfAClient"} {
		p.request("resources/read", fmt.Sprintf(`"uri":"browseract://tasks/1/files/%s",`, secret))
		<-p.lines
		p.request("completion/complete", fmt.Sprintf(`"ref":{"type":"ref/prompt","name":%q},"argument":{"name":"task_id","value":%q},`, secret, secret))
		<-p.lines
	}
}

// ask sends a request that is not about a tool, and writes its reply into the script.
func (p *player) ask(method, params string) {
	p.request(method, params)
	p.note("%s", <-p.lines)
}
