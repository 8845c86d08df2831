// Package indexfailure reads the records that the index of a Graylog server has
// refused. Graylog received such a record but did not store it: a field has
// another type in the index, a text is too long, or the index has too many
// fields. The sender does not learn about it.
//
//	report, err := indexfailure.Read(ctx, client, 24*time.Hour)
//	if err != nil {
//		return err
//	}
//	for _, g := range report.Groups {
//		fmt.Println(g.Found(), g.Advice())
//	}
//	fmt.Println(report.Rest())
package indexfailure
