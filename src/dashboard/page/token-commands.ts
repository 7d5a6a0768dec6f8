// How a token is used, word for word.

/** Commands for a test machine. @param origin  of this server, as that machine reaches it. */
export function commandsWith(token: string, origin: string): { title: string; command: string }[] {
  return [
    {
      title: 'For the commands of avocado-server on a test machine, without being told each time',
      command: `export AVOCADO_SERVER_TOKEN=${token}`,
    },
    {
      title: 'To send a job directory once',
      command: `avocado-server upload --token ${token} ~/avocado/job-results/latest ${origin}`,
    },
    {
      title: 'With nothing but curl',
      command: `curl -H 'Authorization: Bearer ${token}' --data-binary @results.json ${origin}/imports/`,
    },
  ]
}
