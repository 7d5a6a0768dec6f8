// As many headers as this server's answers have, of about their length.

export function answerHeaders(): Headers {
  const headers = new Headers({ 'content-type': 'application/json' })
  for (let count = 0; count < 8; count++) headers.set(`x-header-${count}`, 'a value of some length')
  return headers
}
