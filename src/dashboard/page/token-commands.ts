// Commands that use a new token, for the reader to copy.

/** Commands for a test machine. @param origin  the address at which that machine reaches this server. */
export function commandsWith(token: string, origin: string): { title: string; command: string }[] {
  const upload = 'avocado-server upload'
  const job = '~/avocado/job-results/latest'
  return [
    {
      title: 'For all that avocado-server sends from a machine',
      command: `export AVOCADO_SERVER_TOKEN=${token}\n${upload} ${job} ${origin}`,
    },
    { title: 'To send one job directory', command: `${upload} --token ${token} ${job} ${origin}` },
    {
      title: 'With nothing but curl',
      command: `curl -H 'Authorization: Bearer ${token}' --data-binary @results.json ${origin}/imports/`,
    },
  ]
}
