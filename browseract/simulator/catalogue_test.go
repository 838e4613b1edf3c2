package simulator_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/browseract/simulator"
)

func TestOfficialTemplatesHaveTheirTrueIDsAndInputs(t *testing.T) {
	t.Parallel()
	r := start(t)
	for id, want := range map[string]string{
		"77577579210625331": "keywords language country",
		"77638424152140851": "Search_Keywords Publish_date Datelimit",
		"77670107419143475": "KeyWords Brand Maximum_number_of_page_turns language",
		"77814333389670716": "ASIN",
		"85961818557645714": "target_url",
		"90284769428414983": "KeyWords stars updated Page_Turns date_limit_per_page",
	} {
		got := r.get("get-official-workflow-template", "workflow_template_id", id)
		var names []string
		for _, in := range got.object["input_parameters"].([]any) {
			names = append(names, fmt.Sprint(at(in, "name")))
		}
		if strings.Join(names, " ") != want || got.object["id"] != id {
			t.Errorf("template %s answered %s, want inputs %s", id, got.raw, want)
		}
	}
}

func TestDefinitionsInTheirSpellings(t *testing.T) {
	t.Parallel()
	r := start(t)
	list := r.get("list-official-workflow-templates", "keyword", "gOOgle maps BUSINESSES")
	want := []map[string]any{{
		"templateId": "77577579210625331", "name": "Google Maps Businesses",
		"recommendDesc": "Finds businesses on Google Maps by keywords, with rating, address, phone number and website.",
		"detailUrl":     "https://www.browseract.example/template/google-maps-businesses",
	}}
	if diff := cmp.Diff(want, list.items()); diff != "" {
		t.Errorf("templates (-want +got):\n%s", diff)
	}
	never := r.get("get-workflow", "workflow_id", r.Workflow("Not Published").ID).object
	if at, ok := never["publish_at"]; !ok || at != nil || never["create_at"] == nil {
		t.Errorf("a workflow that was never published: %v, want publish_at null", never)
	}
	product := []any{map[string]any{"name": "product", "default_enabled": false}}
	if diff := cmp.Diff(product, never["input_parameters"]); diff != "" {
		t.Errorf("input_parameters (-want +got):\n%s", diff)
	}
	if got := r.get("list-workflows").object; fmt.Sprintf("%v %d", got["limit"], len(got["items"].([]any))) != "1 1" {
		t.Errorf("without a limit: %v, want one workflow", got)
	}
	var regions []struct{ Name, Code string }
	if err := json.Unmarshal([]byte(r.get("get-region-list").raw), &regions); err != nil || len(regions) != 20 || regions[1].Code != "UK" {
		t.Errorf("regions %v, error %v, want a bare array with UK in it", regions, err)
	}
}

// TestEveryScenarioIsAnswered runs the whole catalogue, and reads all but the
// 20 MB, which have a test of their own.
func TestEveryScenarioIsAnswered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := start(t, simulator.WithConcurrency(1000), simulator.WithoutGzip())
		workflows := slices.DeleteFunc(r.Workflows(), func(w simulator.Workflow) bool { return w.Name == "Twenty Megabytes" })
		for _, w := range workflows {
			r.post("run-task", map[string]any{"workflow_id": w.ID})
		}
		for _, tpl := range r.Templates() {
			r.post("run-task-by-template", map[string]any{"workflow_template_id": tpl.ID})
		}
		time.Sleep(8 * time.Hour)
		open := map[string]bool{"Never Ends": true, "Stuck In Queue": true, "Asks Twice": true}
		count := 0
		for _, w := range workflows {
			for _, item := range r.get("list-tasks", "limit", "500", "workflow_id", w.ID).items() {
				count++
				if ended := item["finished_at"] != nil; ended == open[w.Name] {
					t.Errorf("%s is %v", w.Name, item["status"])
				}
			}
		}
		if refused := 2; count != len(workflows)-refused || len(r.Tasks()) != count+len(r.Templates()) {
			t.Errorf("%d tasks of workflows, %d in all", count, len(r.Tasks()))
		}
	})
}

func TestAddedDefinitionsServeEveryKey(t *testing.T) {
	t.Parallel()
	r := start(t, simulator.WithKeys(simulator.Key, "app-other"))
	r.AddWorkflow(simulator.Workflow{ID: "wf_123", Name: "Mine", Scenario: simulator.Scenario{Output: simulator.Output{Text: "x"}}})
	r.AddTemplate(simulator.Template{ID: "tpl_123", Name: "Ours"})
	for _, key := range []string{simulator.Key, "app-other"} {
		r.key = key
		id := r.run("Mine")
		if got := r.task(id); got["workflow_id"] != "wf_123" || at(got, "output", "string") != "x" {
			t.Errorf("under %s: %v", key, got)
		}
		if got := r.post("run-task-by-template", map[string]any{"workflow_template_id": "tpl_123"}); got.status != 200 {
			t.Errorf("under %s: %d %s", key, got.status, got.raw)
		}
	}
}

func TestInputsDecideTheOutputAndWrongNamesDoNot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		in := func(name, value string) simulator.NameValue { return simulator.NameValue{Name: name, Value: value} }
		output := func(in ...simulator.NameValue) any { return at(ended(r, "Price Monitor", in...), "output", "string") }
		lamp := output(in("product_url", "lamp"))
		if again := output(in("product_url", "lamp"), in("Product_URL", "chair")); again != lamp {
			t.Errorf("a wrong name changed the output:\n%v\n%v", lamp, again)
		}
		if chair := output(in("product_url", "chair")); chair == lamp {
			t.Error("another product has the same prices")
		}
		if one := output(in("max_items", "1")).(string); strings.Count(one, `"price"`) != 1 {
			t.Errorf("max_items 1 gave %s", one)
		}
	})
}
