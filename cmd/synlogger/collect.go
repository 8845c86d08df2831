package main

import (
	"github.com/spf13/cobra"

	"github.com/aimakerspace/synlogger/cmd/internal/collect"
)

func newCollect() *cobra.Command {
	var flags listenFlags
	cmd := &cobra.Command{
		Use:   "collect",
		Short: "Receive and show records on this machine, like a small Graylog",
		Long: `collect accepts GELF over TCP and UDP on the ports of the roles, applies Graylog's
rules to each record, stores it, and shows it on a page with a REST API. It runs
until Ctrl-C and stores everything that arrived before it ends.

By default, only programs on this machine reach the inputs and the page. If other
hosts can reach the page, it requires a token. The token is part of the address that
collect prints; programs send it as "Authorization: Bearer TOKEN". Set your own with
--token-file or SYNLOGGER_PAGE_TOKEN. The inputs accept records from everyone who
reaches them: GELF has no authentication.

Exit codes:
  0  every record that arrived is stored
  1  an address could not be opened, or records were lost
  2  invalid command line`,
		Example: `  synlogger collect                                   until the process ends
  synlogger collect --dir logs --max-records 5000000  on disk
  synlogger collect --bind 0.0.0.0                    accept records from other hosts
  synlogger collect --page 0.0.0.0:9000               show the page to other hosts
  synlogger collect --ports auto                      if the usual ports are in use
  curl '127.0.0.1:9000/api/search?stream=TTP&q=loss'  search`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			opts, err := flags.options(cmd.Flags().Changed("page"))
			if err != nil {
				return err
			}
			return collect.Run(cmd.Context(), opts, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags.add(cmd)
	return cmd
}
