-- Posts tests, each with a tag of its own, to the paths of a file at random. Arguments: the file, what the tags end with.

local paths = {}
local suffix
local count = 0
local headers = { ["Content-Type"] = "application/json" }

function init(args)
  math.randomseed(1)
  for path in io.lines(args[1]) do
    paths[#paths + 1] = path
  end
  suffix = args[2]
  for name, value in pairs(wrk.headers) do
    headers[name] = value
  end
end

function request()
  count = count + 1
  local status = count % 11 == 0 and "FAIL" or "PASS"
  local body = string.format('{"tag": "%d-suite_%d.py:Test.test_%d;run-%s", "status": "%s"}', count, count % 7, count % 20, suffix, status)
  return wrk.format("POST", paths[math.random(#paths)], headers, body)
end
