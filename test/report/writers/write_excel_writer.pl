#!/usr/bin/perl
# write_excel_writer.pl LAYOUTS.json FOLDER: each layout by Excel::Writer::XLSX.
use strict;
use warnings;
use Excel::Writer::XLSX;
use JSON::PP;

my ( $layouts, $folder ) = @ARGV;
open my $file, '<', $layouts or die "$layouts: $!";
local $/;
my $books = JSON::PP->new->utf8->decode(<$file>);

for my $name ( sort keys %$books ) {
    my $layout = $books->{$name};
    my $book   = Excel::Writer::XLSX->new("$folder/$name.xlsx");
    $book->set_1904() if $layout->{date1904};
    my $duration = $book->add_format( num_format => '[h]:mm:ss' );
    my $moment   = $book->add_format( num_format => 'mm/dd/yyyy hh:mm:ss' );
    my $plain    = $book->add_format( bold       => 1 );
    for my $key ( sort keys %{ $layout->{properties} } ) {
        my $text = $layout->{properties}{$key};
        $book->set_custom_property( $key, $text ) if length $text <= 255;
    }
    for my $source ( @{ $layout->{sheets} } ) {
        my $sheet = $book->add_worksheet( $source->{name} );
        $sheet->keep_leading_zeros();
        if   ( $source->{hidden} ) { $sheet->hide() }
        else                       { $sheet->activate() }
        my $y = 0;
        for my $row ( @{ $source->{rows} } ) {
            for my $x ( 0 .. $#$row ) {
                my $value = $row->[$x];
                if    ( !defined $value )   { next }
                elsif ( !ref $value )       { $value eq '' ? $sheet->write_blank( $y, $x, $plain ) : $sheet->write_string( $y, $x, $value ) }
                elsif ( exists $value->{n} ) { $sheet->write_number( $y, $x, $value->{n} ) }
                elsif ( exists $value->{d} ) { $sheet->write_number( $y, $x, $value->{d} / 86400, $duration ) }
                else                         { $sheet->write_date_time( $y, $x, $value->{t}, $moment ) }
            }
            $y++;
        }
    }
    $book->close();
}
