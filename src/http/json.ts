// How an object becomes the body of an answer.

const MAX_INDENT = 8

/** `Accept: application/json; indent=4` asks for a body that a person can read; 1 to 8. */
export function jsonResponse(value: object, request: Request, init: ResponseInit): Response {
  const indent = Number(
    /application\/json\s*;[^,]*\bindent=(\d+)/i.exec(request.headers.get('accept') ?? '')?.[1],
  )
  const pretty = indent >= 1 && indent <= MAX_INDENT ? indent : undefined
  const response = new Response(JSON.stringify(value, null, pretty), init)
  response.headers.set('content-type', 'application/json')
  return response
}
