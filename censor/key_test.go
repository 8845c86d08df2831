package censor

import (
	"strings"
	"testing"
)

// TestHidesKey checks which paths each key rule hides.
func TestHidesKey(t *testing.T) {
	for _, tc := range []struct {
		rule            string
		hidden, visible []string // "a>b" is the key b in the group a
	}{
		{
			"password",
			[]string{"password", "Password", "PASSWORD", "_password", "pass-word", "PassWord", "db.password",
				"DB.Password", "db>password", "a>db>Password", "a.b.password", "db/password", "user[password]",
				"password.old", "user.password.old", "password[0]", "db>Password[x].y"},
			[]string{"passwords", "pass", "passwords.x", "x.passwords", "db_password", "mypassword", "password>x", ""},
		},
		{
			"db.password",
			[]string{"db.password", "DB.Password", "db_password", "db-password", "dbPassword", "db>password",
				"app>db>password", "app>db.password", "app.db.password", "db>PASSWORD",
				"db.password.0", "app>db.password[0]"},
			[]string{"password", "user.password", "user>password", "mydb>password", "mydb.password", "db>x>password",
				"db"},
		},
		{"api_key", []string{"api_key", "apiKey", "APIKey", "Api-Key", "api key", "x.api_key", "api>key"},
			[]string{"api", "key", "x-api-key", "api_keys"}},
		{"*_token", []string{"access_token", "Access-Token", "accessToken", "AccessToken", "ACCESS_TOKEN",
			"x.access_token", "x>id_token", "access>token", "AcCeSs_ToKeN", "ACCESSTOKEN"},
			[]string{"token", "_token", "access_token_type", "tokens"}},
		{"*token", []string{"token", "accessToken", "apitoken", "x>Token"}, []string{"token_type", "tokens"}},
		{"secret*", []string{"secret", "secrets", "Secret_Key", "secretKey", "x.secret_key", "x>secret_key"},
			[]string{"my_secret", "mysecret_key", "secre"}},
		{"*apikey*", []string{"apikey", "ApiKey", "api_key", "MyAPI-KeyID", "x>api_key"},
			[]string{"api", "key", "key_api"}},
		{"x-*-key", []string{"X-Api-Key", "x_api_key", "x-a-b-key"}, []string{"x-key", "api-key", "x-keys"}},
		{"db.*", []string{"db.password", "db_user", "db>user", "DbUser", "db>a>b", "x>db>y"},
			[]string{"db", "mydb.user", "x>db"}},
		{"=Password", []string{"Password", "db>Password", "_Password"},
			[]string{"password", "PASSWORD", "db.Password", "Pass-word"}},
		{"=db.password", []string{"db.password", "db_password", "db>password"},
			[]string{"Db.password", "DB>password", "a>db>password", "password"}},
		{"=a*", []string{"a*"}, []string{"ab", "A*"}},
		{"==a", []string{"=a"}, []string{"a"}},
		{"пароль", []string{"пароль", "ПАРОЛЬ", "Пароль", "db>пароль", "db.Пароль", "_______aa992d"},
			[]string{"______", "aa992d", "имя", "абвгде"}},
		{"Straße", []string{"straße", "STRAẞE", "stra_e"}, []string{"strasse"}},
		{"token", []string{"toKen", "TOKEN"}, []string{"tøken"}},
		{"pass", []string{"paſſ", "PASS"}, nil},
		{"", []string{""}, []string{"a", "-"}},
		{"--", []string{"--"}, []string{"", "-", "a--"}},
	} {
		r, err := New([]string{"else", tc.rule}, nil)
		if err != nil {
			t.Fatal(err)
		}
		check := func(path string, want bool) {
			keys := strings.Split(path, ">")
			groups, key := keys[:len(keys)-1], keys[len(keys)-1]
			if got := r.HidesKey(groups, key); got != want {
				t.Errorf("rule %q: HidesKey(%q) = %v, want %v", tc.rule, path, got, want)
			}
		}
		for _, path := range tc.hidden {
			check(path, true)
		}
		for _, path := range tc.visible {
			check(path, false)
		}
	}
}
