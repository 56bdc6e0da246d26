"use strict";
// Everything that is shown is set as text, never as markup: guests choose some of it.
const cell = (row, text, kind) => { const td = row.insertCell(); td.textContent = text ?? ""; if (kind) td.className = kind; return td; };
const time = ms => new Date(ms).toISOString().replace("T", " ").slice(0, 19);
const short = hash => hash && hash.length > 20 ? hash.slice(0, 16) + "…" : hash;

function checks(row, entry) {
  const lists = entry.checks ? [entry.checks] : (entry.rules || []).map(r => r.checks);
  const all = lists.flat();
  const td = row.insertCell();
  if (!all.length) return;
  const details = document.createElement("details"), summary = document.createElement("summary"), list = document.createElement("ul");
  const failing = all.filter(c => typeof c === "object");
  summary.textContent = failing.length ? `${failing.length} failing of ${all.length}` : `${all.length} checks`;
  for (const check of all) {
    const item = document.createElement("li");
    if (typeof check === "object") {
      item.className = "failed";
      item.textContent = `${check.name}: ${check.status}; expected ${check.expected}; found ${check.found}`;
    } else {
      item.textContent = check;
    }
    list.append(item);
  }
  details.append(summary, list);
  td.append(details);
}

function show(status) {
  document.getElementById("summary").textContent =
    `up since ${time(status.started)} · ${status.guests.length} attested guests · ${status.resources} secrets · ${status.rules} rules · audit entry ${status.audit.sequence}`;
  const guests = document.getElementById("guests"), events = document.getElementById("events"), checkpoints = document.getElementById("checkpoints");
  const open = new Set([...events.rows].filter(r => r.querySelector("details")?.open).map(r => r.cells[0].textContent));
  for (const body of [guests, events, checkpoints]) body.replaceChildren();
  for (const g of status.guests) {
    const row = guests.insertRow();
    cell(row, g.workload); cell(row, g.tee); cell(row, short(g.measurement), "hash").title = g.measurement; cell(row, short(g.policy), "hash").title = g.policy;
    cell(row, g.address); cell(row, g.session, "hash"); cell(row, time(g.until));
  }
  for (const e of status.recent.slice().reverse()) {
    const row = events.insertRow();
    row.className = e.kind.includes("refused") ? "bad" : ["attested", "released", "leased", "certificate"].includes(e.kind) ? "good" : "";
    cell(row, e.seq); cell(row, time(e.ms)); cell(row, e.kind); cell(row, e.workload ?? e.by ?? e.address);
    cell(row, [e.resource, ...(e.resources || []), e.reason, e.detail].filter(Boolean).join(", "));
    checks(row, e);
    if (open.has(String(e.seq))) row.querySelector("details").open = true;
  }
  for (const c of status.checkpoints) {
    const row = checkpoints.insertRow();
    cell(row, c.workload); cell(row, short(c.boot), "hash"); cell(row, c.sequence); cell(row, short(c.head), "hash"); cell(row, time(c.ms));
  }
}

async function refresh() {
  try {
    const answer = await fetch("/admin/v1/status", { cache: "no-store" });
    if (!answer.ok) throw new Error(`the broker answered ${answer.status}`);
    show(await answer.json());
  } catch (e) {
    document.getElementById("summary").textContent = `not up to date: ${e.message}`;
  }
  setTimeout(refresh, 2000);
}

refresh();
