-- Posts tests as machines do, each the tests of its job, one after another: so many jobs are under way at a time, those
-- that stand next to each other in the file of paths, and each gets 20 tests before the next ones begin.
-- Arguments: the file, what the tags end with, how many machines.

local TESTS = 20

local paths = {}
local suffix
local machines
local count = 0
local headers = { ["Content-Type"] = "application/json" }

function init(args)
  for path in io.lines(args[1]) do
    paths[#paths + 1] = path
  end
  suffix = args[2]
  machines = tonumber(args[3])
  for name, value in pairs(wrk.headers) do
    headers[name] = value
  end
end

function request()
  local first = math.floor(count / (machines * TESTS)) * machines
  local path = paths[(first + count % machines) % #paths + 1]
  count = count + 1
  local status = count % 11 == 0 and "FAIL" or "PASS"
  local body = string.format('{"tag": "%d-suite_%d.py:Test.test_%d;run-%s", "status": "%s"}', count, count % 7, count % 20, suffix, status)
  return wrk.format("POST", path, headers, body)
end
