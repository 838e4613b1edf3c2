// What a client does with the server, whichever library it is built on. A client
// here has call(tool, args, {onprogress, timeout}), which resolves to the
// library's result, and errors, which the library complained about on the side.
import assert from 'node:assert/strict';

// wholeJob finds a template, runs it, follows the task to its end and reads its
// output.
export async function wholeJob(client, keywords) {
  const template = await findTemplate(client);
  const started = await withProgress(client, 'run_template', { ...template, inputs: { keywords }, wait_seconds: 2 });
  assert.equal(started.result.done, false, 'the run ended too early for this test');
  const followed = await follow(client, started.result.task_id, { wait_seconds: 20 });
  assert.ok(started.values.length >= 2 && followed.values.length >= 2, 'hardly any progress was reported');
  await readOutput(client, followed.result);
  assert.ok(!client.errors.length, `the library complained: ${client.errors}`);
}

// impatientJob starts a run with a client that waits 5 s for any answer, and so
// misses it. Then it retries as clients do, which starts nothing again, and does
// what the server advises: it looks for the task and follows it.
export async function impatientJob(client, keywords) {
  const timeout = 5_000;
  const template = await findTemplate(client);
  await assert.rejects(
    client.call('run_template', { ...template, inputs: { keywords }, wait_seconds: 50 }, { timeout }),
    /timed? ?out/i,
  );
  const again = await structured(client, 'run_template', { ...template, inputs: { keywords }, wait_seconds: 0 });
  assert.equal(again.deduplicated, true);
  const [task, ...others] = await tasksOf(client, keywords);
  assert.equal(task?.task_id, again.task_id);
  assert.ok(task, 'the run is not in the list');
  assert.deepEqual(others, [], 'more than one run was started');

  const { result } = await follow(client, task.task_id, { wait_seconds: 3 }, { timeout });
  await readOutput(client, result);
  assert.equal((await tasksOf(client, keywords)).length, 1);
}

async function findTemplate(client) {
  const { templates } = await structured(client, 'list_templates', { query: 'google maps', limit: 5 });
  const { template_id } = templates[0];
  const { inputs } = await structured(client, 'get_template', { template_id });
  assert.ok(inputs.some((input) => input.name === 'keywords' && input.required));
  return { template_id };
}

async function follow(client, task_id, args, options) {
  const values = [];
  for (;;) {
    const step = await withProgress(client, 'get_task', { task_id, ...args }, options);
    values.push(...step.values);
    if (step.result.done) return { result: step.result, values };
  }
}

async function tasksOf(client, keywords) {
  const { tasks } = await structured(client, 'list_tasks', { limit: 100 });
  return tasks.filter((task) => task.inputs === `keywords=${keywords}`);
}

async function readOutput(client, task) {
  assert.equal(task.status, 'finished');
  const { tool, arguments: args } = task.next_step;
  assert.equal(tool, 'get_task_output');
  const { content, isError } = await client.call(tool, args);
  assert.ok(!isError, content[0].text);
  const [header] = content[0].text.split('\n');
  assert.equal(JSON.parse(header).total_rows, task.output.rows);
}

// structured returns the structured content of a call. The libraries validate it
// against the tool's output schema; that the text says the same is checked here.
async function structured(client, tool, args, options) {
  const { structuredContent, content, isError } = await client.call(tool, args, options);
  assert.ok(!isError, content[0].text);
  assert.deepEqual(JSON.parse(content[0].text), structuredContent);
  return structuredContent;
}

// withProgress returns the result of a call and the progress reported before it.
// What comes later ends up in the client's errors.
async function withProgress(client, tool, args, options) {
  const values = [];
  const onprogress = ({ progress }) => values.push(progress);
  const result = await structured(client, tool, args, { ...options, onprogress });
  for (let i = 1; i < values.length; i++) assert.ok(values[i] > values[i - 1], `progress went ${values}`);
  return { result, values };
}
