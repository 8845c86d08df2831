module github.com/aimakerspace/synlogger/tools

go 1.26.0
