package tools

import (
	"context"
	"fmt"
	"strings"

	"github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/batch"
	"github.com/browseract/browseract-mcp/tools/call"
	"github.com/browseract/browseract-mcp/tools/problem"
	"github.com/browseract/browseract-mcp/tools/runs"
)

type runBatchInput struct {
	WorkflowID  schemas.ID       `json:"workflow_id,omitempty"`
	TemplateID  schemas.ID       `json:"template_id,omitempty" jsonschema_description:"Instead of workflow_id"`
	Rows        []schemas.Inputs `json:"rows" jsonschema:"minItems=1,maxItems=100" jsonschema_description:"The inputs of each run, names as get_workflow or get_template shows them"`
	MaxParallel int              `json:"max_parallel,omitempty" jsonschema:"minimum=1,maximum=20,default=5" jsonschema_description:"Runs at a time, as far as the account allows"`
	Region      string           `json:"region,omitempty" jsonschema:"maxLength=40" jsonschema_description:"For a template"`
	ProfileID   schemas.ID       `json:"profile_id,omitempty" jsonschema_description:"For a workflow"`
	waitInput
	dedupeInput
}

func runBatch(t *tools) server.ServerTool {
	return define(t, spec{
		name:  "run_batch",
		title: "Run batch",
		description: "Run one workflow or template for up to 100 rows of inputs. Costs credits for every row, also when it fails. " +
			"Rows wait for their turn and start by themselves; follow them with get_batch instead of running again.",
		effects: effects{readOnly: false, destructive: true, idempotent: false, openWorld: true},
	}, func(ctx context.Context, in runBatchInput) (schemas.Batch, error) {
		request, err := t.batchRequest(ctx, in)
		if err != nil {
			return schemas.Batch{}, err
		}
		return t.batches.Run(ctx, request, batch.Wait{For: in.wait(), Until: schemas.QuorumAll})
	})
}

// batchRequest checks all rows before anything is started.
func (t *tools) batchRequest(ctx context.Context, in runBatchInput) (r batch.Request, err error) {
	if err := t.batches.CheckLedger(); err != nil {
		return r, err
	}
	if err := in.check(); err != nil {
		return r, err
	}
	ctx, cancel := context.WithTimeout(ctx, call.ForDefinition)
	defer cancel()
	d, err := t.definition(ctx, string(in.WorkflowID), string(in.TemplateID))
	if err != nil {
		return r, err
	}
	if r.Rows, err = checkRows(d, in.Rows); err != nil {
		return r, err
	}
	region, err := runs.CheckRegion(ctx, t.Client, in.Region)
	r.MaxParallel = in.MaxParallel
	r.Run = in.dedupe(runs.Request{
		WorkflowID: string(in.WorkflowID), TemplateID: string(in.TemplateID), Region: region, ProfileID: string(in.ProfileID),
	})
	return r, problem.NotStarted(err)
}

func (in runBatchInput) check() error {
	switch {
	case (in.WorkflowID == "") == (in.TemplateID == ""):
		return invalidBatch("Send either workflow_id or template_id.")
	case in.WorkflowID != "" && in.Region != "":
		return invalidBatch("region is for templates only; leave it out.")
	case in.TemplateID != "" && in.ProfileID != "":
		return invalidBatch("profile_id is for workflows only; leave it out.")
	}
	return nil
}

func invalidBatch(what string) error {
	return &problem.Error{Code: problem.CodeInvalidArguments, Message: "Nothing was started. " + what}
}

// maxWrongRows is how many wrong rows an error names.
const maxWrongRows = 10

// checkRows returns the inputs of each row, or an error that names the rows whose inputs
// are wrong.
func checkRows(d runs.Definition, rows []schemas.Inputs) ([][]browseract.Input, error) {
	var wrong []string
	checked := make([][]browseract.Input, len(rows))
	for i, row := range rows {
		var problems []string
		if checked[i], problems = d.Match(row); len(problems) > 0 {
			wrong = append(wrong, fmt.Sprintf("Row %d: %s", i+1, strings.Join(problems, " ")))
		}
	}
	if more := len(wrong) - maxWrongRows; more > 0 {
		wrong = append(wrong[:maxWrongRows], fmt.Sprintf("%d more rows are wrong too.", more))
	}
	return checked, d.Refuse("rows", wrong)
}
