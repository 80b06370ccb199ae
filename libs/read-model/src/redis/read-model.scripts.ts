/**
 * The Lua scripts of the read model in Redis. Each is one atomic step.
 *
 * S1. Every script names the generation it speaks about; of another one it says nothing and changes nothing.
 * S2. `store` writes rows and the positions they follow from together, or nothing.
 * S3. `store` takes a batch only if it begins at or before the stored positions (else records between would be missing) and
 *     goes beyond one of them (else it is known). Positions never go back.
 * S4. A row of a run follows from its events alone up to its `seq`. So the higher `seq` wins, and which gateway wrote it is all one.
 *
 * KEYS[1] holds the generation; all other keys start with it and the generation's name.
 */

const opening = `
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {'lost'} end
  local at = KEYS[1] .. ':' .. ARGV[1] .. ':'
`;

/** The indexes that list a run or an approval: each once for the installation, and once for the tenant. */
const indexes = `
  local function with_tenant(tenant, names)
    local all = {}
    for _, name in ipairs(names) do
      all[#all + 1] = name
      all[#all + 1] = 'of:' .. #tenant .. ':' .. tenant .. ':' .. name
    end
    return all
  end
  local function of_run(tenant, names)
    return with_tenant(tenant, cjson.decode(names))
  end
  local function of_approval(tenant, run, status, roles)
    local names = {'approvals', 'approvals:run:' .. run, 'approvals:status:' .. status}
    for _, role in ipairs(cjson.decode(roles)) do
      names[#names + 1] = 'approvals:role:' .. role
      names[#names + 1] = 'approvals:both:' .. status .. ':' .. role
    end
    return with_tenant(tenant, names)
  end
  local function list(member, score, before, now)
    local stays = {}
    for _, name in ipairs(now) do stays[name] = true end
    for _, name in ipairs(before) do
      if not stays[name] then redis.call('ZREM', at .. name, member) end
    end
    for _, name in ipairs(now) do redis.call('ZADD', at .. name, score, member) end
  end
`;

/** ARGV[1]: a candidate. The generation that counts: what is there, else the candidate. */
const open = `
  redis.call('SET', KEYS[1], ARGV[1], 'NX')
  return {redis.call('GET', KEYS[1])}
`;

/** ARGV[2]: the next generation, in place of the one named. */
const renew = `${opening}
  redis.call('SADD', KEYS[1] .. ':obsolete', ARGV[1])
  redis.call('SET', KEYS[1], ARGV[2])
  return {'renewed'}
`;

const positions = `${opening}
  return {'ok', redis.call('HGETALL', at .. 'positions')}
`;

/** ARGV[2]: the batch as JSON (see `redis.batch.ts`); then its blobs: of runs, of approvals. */
const store = `${opening}${indexes}
  local batch = cjson.decode(ARGV[2])
  local advances = false
  local stored = {'behind'}
  for i, input in ipairs(batch.inputs) do
    local text = redis.call('HGET', at .. 'positions', input.name)
    local offset = text and tonumber(string.match(text, '^%d+')) or 0
    if offset < input.base then return {'lost'} end
    if offset < input.next then advances = true end
    stored[i + 1] = tostring(math.max(offset, input.next))
    input.stored = offset
  end
  if not advances then return stored end
  for _, events in ipairs(batch.events) do
    events.known = redis.call('LLEN', at .. 'places:' .. events.run)
    if events.known < events.first - 1 then return {'damaged'} end
  end
  local blob = 3
  for _, events in ipairs(batch.events) do
    for i, place in ipairs(events.places) do
      if events.first + i - 1 > events.known then redis.call('RPUSH', at .. 'places:' .. events.run, place) end
    end
  end
  for _, run in ipairs(batch.runs) do
    local key = at .. 'run:' .. run.run
    local known = redis.call('HMGET', key, 'seq', 'indexes', 'tenant')
    if not known[1] or tonumber(known[1]) < run.seq then
      local before = known[1] and of_run(known[3], known[2]) or {}
      list(run.run, run.started, before, of_run(run.tenant, run.indexes))
      redis.call('HSET', key, 'seq', run.seq, 'tenant', run.tenant, 'status', run.status, 'workflow', run.workflow, 'started', run.started,
        'request', run.request, 'indexes', run.indexes, 'facets', run.facets, 'body', ARGV[blob])
    end
    blob = blob + 1
  end
  for _, approval in ipairs(batch.approvals) do
    local key = at .. 'approval:' .. approval.approval
    local known = redis.call('HMGET', key, 'seq', 'status', 'roles', 'tenant')
    if not known[1] or tonumber(known[1]) < approval.seq then
      local before = known[1] and of_approval(known[4], approval.run, known[2], known[3]) or {}
      local now = of_approval(approval.tenant, approval.run, approval.status, approval.roles)
      list(approval.approval, approval.opened, before, now)
      redis.call('HSET', key, 'seq', approval.seq, 'run', approval.run, 'tenant', approval.tenant, 'status', approval.status,
        'roles', approval.roles, 'record', ARGV[blob])
    end
    blob = blob + 1
  end
  for _, input in ipairs(batch.inputs) do
    if input.next > input.stored then redis.call('HSET', at .. 'positions', input.name, input.position) end
  end
  stored[1] = 'stored'
  return stored
`;

/** ARGV[2..]: runs. For each: how many events; then seq, tenant, status, workflow, started, request, facets, body; or nothing. */
const runs = `${opening}
  local found = {}
  for i = 2, #ARGV do
    local row = redis.call('HMGET', at .. 'run:' .. ARGV[i], 'seq', 'tenant', 'status', 'workflow', 'started', 'request', 'facets', 'body')
    found[i - 1] = {redis.call('LLEN', at .. 'places:' .. ARGV[i]), row}
  end
  return {'ok', found}
`;

/** ARGV[2]: run, ARGV[3]: seq behind which to start, ARGV[4]: most events. Where the decision of each event stands. */
const places = `${opening}
  local from = tonumber(ARGV[3])
  return {'ok', redis.call('LRANGE', at .. 'places:' .. ARGV[2], from, from + tonumber(ARGV[4]) - 1)}
`;

/** ARGV[2]: approval. Its record and the seq its run is read to. */
const approval = `${opening}
  local row = redis.call('HMGET', at .. 'approval:' .. ARGV[2], 'record', 'run')
  if not row[1] then return {'ok'} end
  return {'ok', row[1], redis.call('HGET', at .. 'run:' .. row[2], 'seq') or '0'}
`;

/** ARGV[2..]: runs. For each, the records of its approvals. */
const approvals_of = `${opening}
  local found = {}
  for i = 2, #ARGV do
    local records = {}
    for j, id in ipairs(redis.call('ZRANGE', at .. 'approvals:run:' .. ARGV[i], 0, -1)) do
      records[j] = redis.call('HGET', at .. 'approval:' .. id, 'record')
    end
    found[i - 1] = records
  end
  return {'ok', found}
`;

/** Walks an index from its newest member on, behind a cursor. Bytes are compared, as the index itself does: no locale. */
const walk = `
  local function is_less(a, b)
    for i = 1, math.min(#a, #b) do
      local x, y = string.byte(a, i), string.byte(b, i)
      if x ~= y then return x < y end
    end
    return #a < #b
  end
  local function walk(index, score, member, take)
    local from = score == '' and '+inf' or score
    local skip = 0
    while true do
      local page = redis.call('ZREVRANGEBYSCORE', at .. index, from, '-inf', 'WITHSCORES', 'LIMIT', skip, 200)
      if #page == 0 then return end
      for i = 1, #page, 2 do
        local is_behind = score == '' or tonumber(page[i + 1]) < tonumber(score) or is_less(page[i], member)
        if is_behind and take(page[i], page[i + 1]) then return end
      end
      skip = skip + 200
    end
  end
`;

/** ARGV[2..]: indexes. How many members each has. */
const sizes = `${opening}
  local found = {}
  for i = 2, #ARGV do found[i - 1] = redis.call('ZCARD', at .. ARGV[i]) end
  return {'ok', found}
`;

/** ARGV[2]: index, ARGV[3] and [4]: started and run of the cursor, or empty; ARGV[5]: started before which it is enough, ARGV[6]: most. Run, started and facets of each. */
const candidates = `${opening}${walk}
  local found = {}
  local since = tonumber(ARGV[5])
  walk(ARGV[2], ARGV[3], ARGV[4], function(run, started)
    if since and tonumber(started) < since then return true end
    found[#found + 1] = {run, started, redis.call('HGET', at .. 'run:' .. run, 'facets')}
    return #found >= tonumber(ARGV[6])
  end)
  return {'ok', found}
`;

/** ARGV[2]: bytes after which it is enough, ARGV[3..]: runs. Positions; then the body of each. */
const bodies = `${opening}
  local found = {}
  local bytes = 0
  for i = 3, #ARGV do
    local body = redis.call('HGET', at .. 'run:' .. ARGV[i], 'body')
    if body then
      found[#found + 1] = body
      bytes = bytes + #body
      if #found > 1 and bytes > tonumber(ARGV[2]) then break end
    end
  end
  return {'ok', redis.call('HGETALL', at .. 'positions'), found}
`;

/** ARGV[2]: index, ARGV[3] and [4]: opened and approval of the cursor, or empty; ARGV[5]: most, ARGV[6]: bytes after which it is enough; ARGV[7] and [8]: status and role that the index does not tell apart, or empty. Positions; then records. */
const list_approvals = `${opening}${walk}
  local found = {}
  local bytes = 0
  walk(ARGV[2], ARGV[3], ARGV[4], function(id)
    local row = redis.call('HMGET', at .. 'approval:' .. id, 'status', 'roles', 'record')
    local fits = ARGV[7] == '' or row[1] == ARGV[7]
    if fits and ARGV[8] ~= '' then
      fits = false
      for _, role in ipairs(cjson.decode(row[2])) do fits = fits or role == ARGV[8] end
    end
    if fits then
      found[#found + 1] = row[3]
      bytes = bytes + #row[3]
    end
    return #found >= tonumber(ARGV[5]) or (#found > 1 and bytes > tonumber(ARGV[6]))
  end)
  return {'ok', redis.call('HGETALL', at .. 'positions'), found}
`;

export const scripts = {
  open,
  renew,
  positions,
  store,
  runs,
  places,
  approval,
  approvals_of,
  sizes,
  candidates,
  bodies,
  list_approvals,
} as const;
export type ScriptName = keyof typeof scripts;
