-- Asks for the paths of a file, a line each, at random. Arguments: the file.

local requests = {}

function init(args)
  math.randomseed(1)
  for path in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("GET", path)
  end
end

function request()
  return requests[math.random(#requests)]
end
